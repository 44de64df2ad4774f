// The rooms of docs/architecture.md and the arrows between them. tests/rooms plants one violation per rule.
const room = (name) => `^src/${name}/`;
const only = (name, allowed, comment) => ({
  name: `${name}-imports`,
  comment,
  severity: "error",
  from: { path: room(name) },
  to: { path: "^(src|durable-objects|sandbox|tests|scripts|bench)/", pathNot: [room(name), ...allowed] },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", comment: "A cycle has no inside.", severity: "error", from: {}, to: { circular: true } },
    only("domain", [], "Pure decisions import nothing of ours."),
    only("contract", [room("domain")], "Wire shapes know the domain."),
    only("ports", [room("domain"), room("contract")], "What verbs need of the world is said in the domain's words."),
    only("wording", [room("domain"), room("contract")], "What people are told is made of shapes and decisions."),
    only("operations", [room("domain"), room("contract"), room("ports"), room("wording")], "Verbs call ports."),
    only("providers", [room("domain"), room("contract"), room("ports")], "Clients implement ports."),
    only(
      "db",
      [room("domain"), room("contract"), room("ports"), room("operations"), room("access")],
      "Stores implement ports.",
    ),
    only(
      "platform",
      [room("domain"), room("contract"), room("ports"), room("operations"), room("providers")],
      "The runtime's side of the ports.",
    ),
    only("access", [room("domain"), room("db"), room("platform")], "Who somebody is."),
    ...["queues", "http"].map((edge) =>
      only(
        edge,
        [
          ...["domain", "contract", "ports", "wording", "operations", "db", "platform", "access"].map(room),
          "^src/wiring\\.ts$",
        ],
        "The edges call operations.",
      ),
    ),
    only(
      "console",
      [room("domain"), room("contract"), room("wording"), room("access/sessions\\.ts").slice(0, -1)],
      "The pages know the API's shapes and how a session begins; everything else they ask the API for.",
    ),
    {
      name: "one-composition-root",
      comment: "What is made of what stands in src/wiring.ts alone.",
      severity: "error",
      from: { path: "^(src|durable-objects)/", pathNot: ["^src/wiring\\.ts$", room("providers"), room("db")] },
      to: { path: "^src/providers/index\\.ts$|^src/db/(?!parked|tokens|lists|alert-targets)" },
    },
    ...["http", "queues", "console"].map((edge) => ({
      name: `nobody-imports-${edge}`,
      comment: "The edges are entered from src/index.ts alone.",
      severity: "error",
      from: { path: "^(src|durable-objects|sandbox)/", pathNot: ["^src/index\\.ts$", room(edge)] },
      to: { path: room(edge) },
    })),
    {
      name: "actors-import",
      comment: "Actors are thin over domain and operations.",
      severity: "error",
      from: { path: "^durable-objects/" },
      to: { path: "^src/(http|queues|console|providers)/|^sandbox/" },
    },
    {
      name: "domain-is-pure",
      comment: "No package, no Cloudflare, no Node in the domain.",
      severity: "error",
      from: { path: room("domain") },
      to: { pathNot: "^src/domain/" },
    },
    {
      name: "sandbox-stays-outside",
      comment: "The product never imports its stand-ins.",
      severity: "error",
      from: { path: "^(src|durable-objects)/" },
      to: { path: "^sandbox/" },
    },
    {
      name: "sandbox-imports",
      comment: "The stand-ins know the contract and the domain's words, nothing of the product's inside.",
      severity: "error",
      from: { path: "^sandbox/" },
      to: { path: "^(src|durable-objects)/", pathNot: "^src/(contract|domain)/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/env\\.d\\.ts$" },
  },
};
