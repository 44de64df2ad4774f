/** Stands for the module `cloudflare:workers`: all that the actors take from it. */
export class DurableObject {
  protected readonly ctx: DurableObjectState;
  protected readonly env: unknown;

  constructor(ctx: DurableObjectState, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}
