// Who has signed in, and what the role may do; the service decides, this only spares buttons that would be refused.

import { createContext, useContext } from "../vendor/htm-preact.js";

export const Access = createContext(null);
export const useAccess = () => useContext(Access);

export function accessOf(project, standing) {
  const { role } = standing;
  return {
    project,
    role,
    mayRead: role !== "ingest",
    mayLimit: role !== "member",
    mayAdminister: role === "admin" || role === "owner",
  };
}
