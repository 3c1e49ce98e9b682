import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Takes no more requests, and waits for those that are being answered, up to `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

/** Milliseconds after which a connection that says nothing is closed. */
const SILENCE = 60_000;

/** Starts to listen. @throws the system's error, such as EADDRINUSE. */
export async function listen(app: Hono, hostname: string, port: number): Promise<Listening> {
  const server = serve({ fetch: app.fetch, hostname, port, autoCleanupIncoming: true }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  // Large files take long; silence does not mean work.
  server.requestTimeout = 0;
  server.setTimeout(SILENCE, (socket) => socket.destroy());
  const { address, port: actual, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${actual}`,
    close: (grace) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), grace);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
