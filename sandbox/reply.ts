import type { Show } from "./admission.ts";
import type { SenderResult } from "./sender.ts";
import { plainText, type Reading, type Reply, type StandIn } from "./stand-in.ts";

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
    case "error_in_200":
    case "bad_lead": {
      const reply = reading.faults[show];
      if (reply === undefined) throw new Error(`replyTo: the call cannot show ${show}`);
      return reply();
    }
    case "timeout":
    case "timeout_after_effect":
      return plainText(504, "Gateway Timeout");
    case "connection_reset":
      throw new Error("connection reset by peer");
    case "server_error":
    case "rate_limited":
    case "unauthorized":
    case "out_of_credit":
    case "malformed":
      return standIn.faulty(show);
  }
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
