/** What needs Node.js: a spool on disk for the recorder. */
export { DiskSpool } from "./disk_spool.js";
