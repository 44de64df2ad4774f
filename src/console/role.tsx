import { createMiddleware } from "hono/factory";
import { mayActAs, type Role } from "../domain/role.ts";
import type { Console } from "./console-env.ts";
import { Trouble } from "./parts/trouble.tsx";

/** Lets only those through who may act as this role; others read that nothing was changed. */
export const requireRole = (needed: Role) =>
  createMiddleware<Console>(async (c, next) => {
    const { name, role } = c.get("caller");
    if (mayActAs(role, needed)) return next();
    c.status(403);
    return c.render(
      <Trouble
        title="Not with your role"
        text={`This needs the role ${needed}, and ${name} has the role ${role}. Nothing was changed. Ask an admin for a token with that role.`}
      />,
    );
  });
