import type { Show } from "./admission.ts";
import type { SenderResult } from "./sender.ts";
import { needsOwnAnswer, plainText, type Reading, type Reply, type StandIn } from "./stand-in.ts";

/** The provider's answer. Where it never answers, what a gateway says when even the longest wait is over. */
export function replyTo(
  standIn: StandIn,
  reading: Reading,
  { show, result }: { show: Show; result: SenderResult | null },
): Reply {
  switch (show) {
    case "answer":
    case "refusal":
      return ownReply(reading, result);
    case "broken_utf8":
      return broken(ownReply(reading, reading.plan.do === "ask_sender" ? reading.plan.usual : null));
    case "timeout":
    case "timeout_after_effect":
      return plainText(504, "Gateway Timeout");
    case "connection_reset":
      throw new Error("connection reset by peer");
  }
  const own = reading.faults[show];
  if (own !== undefined) return own();
  if (needsOwnAnswer(show)) throw new Error(`replyTo: the call cannot show ${show}`);
  return standIn.faulty(show, reading.entries[0]?.subject ?? "");
}

function ownReply({ plan }: Reading, result: SenderResult | null): Reply {
  switch (plan.do) {
    case "answer":
      return plan.reply();
    case "refuse":
      return plan.reply;
    case "ask_sender":
      if (result === null) throw new Error("replyTo: the sender was not asked");
      return plan.reply(result);
  }
}

/** The same answer with a byte in its first text that cannot begin a character and another that cannot follow one. */
function broken({ body, ...reply }: Reply): Reply {
  if (typeof body !== "string") throw new Error("replyTo: the answer is no text");
  const text = body.includes(':"') ? body : body.replace(/\}$/, ',"message":""}');
  const at = text.indexOf(':"') + 2;
  const utf8 = new TextEncoder();
  const parts = [utf8.encode(text.slice(0, at)), new Uint8Array([0xff, 0xc3, 0x28]), utf8.encode(text.slice(at))];
  return { ...reply, body: new Uint8Array(parts.flatMap((part) => [...part])) };
}
