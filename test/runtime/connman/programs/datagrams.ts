// Sends a datagram every five milliseconds as a user and group, also if the system refuses it.
// Arguments: address, port, uid, gid. Prints a line after the first attempt.

import { createSocket } from "node:dgram";

const [host = "", port, uid, gid] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(gid));
process.setuid?.(Number(uid));
const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
socket.on("error", () => undefined);
const send = (): void => socket.send("datagram", Number(port), host, () => undefined);
send();
process.stdout.write("sending\n");
setInterval(send, 5);
