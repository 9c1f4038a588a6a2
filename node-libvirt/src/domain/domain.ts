import type { Duplex } from "node:stream";
import { streamProcedures as remote } from "../protocol/stream.ts";
import type { LibvirtReadable } from "../rpc/libvirt-stream.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainGuest } from "./domain-guest.ts";

/**
 * A domain: a virtual machine, running or only defined. A mere handle, which stays good whatever becomes of the domain;
 * a method rejects with VIR_ERR_NO_DOMAIN when there is no such domain any more.
 *
 * The methods are libvirt's functions without `virDomain`; `flags` are bits of the constants named beside them. They
 * are spread over the classes below this one by what they are about.
 */
export class Domain extends DomainGuest {
  /** A picture of the screen as its MIME type (`image/png` or `image/x-portable-pixmap`) and bytes. */
  async screenshot(screen = 0, options?: CallOptions): Promise<{ mime: string | undefined; stream: LibvirtReadable }> {
    const shape = { readable: true, writable: false };
    const args = { dom: this.ref, screen };
    const { result, stream } = await this.connection.openStream(remote.domainScreenshot, args, shape, options);
    return { mime: result.mime, stream };
  }

  /** The first console, or the one of that alias; see {@link DomainConsoleFlags}. */
  async openConsole(devName?: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const shape = { readable: true, writable: true };
    const args = { dom: this.ref, devName, flags };
    return (await this.connection.openStream(remote.domainOpenConsole, args, shape, options)).stream;
  }

  /** The first channel, or the one of that name; see {@link DomainChannelFlags}. */
  async openChannel(name?: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const shape = { readable: true, writable: true };
    const args = { dom: this.ref, name, flags };
    return (await this.connection.openStream(remote.domainOpenChannel, args, shape, options)).stream;
  }
}
