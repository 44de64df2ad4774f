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
    only("operations", [room("domain"), room("contract")], "Verbs declare the ports that they need."),
    only("providers", [room("domain"), room("contract"), room("operations")], "Clients implement ports."),
    only("db", [room("domain"), room("contract"), room("operations")], "Stores implement ports."),
    only(
      "platform",
      [room("domain"), room("contract"), room("operations"), room("providers"), room("db")],
      "The runtime's side of the ports.",
    ),
    only(
      "queues",
      [room("domain"), room("contract"), room("operations"), room("db"), room("platform")],
      "Consumers call operations.",
    ),
    only(
      "http",
      [room("domain"), room("contract"), room("operations"), room("db"), room("platform")],
      "Routes call operations.",
    ),
    only(
      "console",
      [room("domain"), room("contract"), room("operations/sessions\\.ts").slice(0, -1)],
      "The pages know the API's shapes and how a session begins; everything else they ask the API for.",
    ),
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
