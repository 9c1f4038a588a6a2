import type { Duplex } from "node:stream";
import { streamProcedures as remote } from "../protocol/stream.ts";
import type { LibvirtReadable } from "../rpc/libvirt-stream.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { DomainGuest } from "./domain-guest.ts";

/**
 * A domain: a virtual machine, running or only defined. This is only a handle, which stays valid after changes to the
 * domain. A method rejects with VIR_ERR_NO_DOMAIN when the domain no longer exists.
 *
 * The methods are libvirt's functions without `virDomain`; `flags` are bits of the constants named beside them. The
 * base classes of this class group them by topic.
 */
export class Domain extends DomainGuest {
  /** A screenshot of the screen, as MIME type (`image/png` or `image/x-portable-pixmap`) and bytes. */
  async screenshot(screen = 0, options?: CallOptions): Promise<{ mime: string | undefined; stream: LibvirtReadable }> {
    const shape = { readable: true, writable: false };
    const args = { dom: this.ref, screen };
    const { result, stream } = await this.connection.openStream(remote.domainScreenshot, args, shape, options);
    return { mime: result.mime, stream };
  }

  /** Opens the first console, or the one with this alias; see {@link DomainConsoleFlags}. */
  async openConsole(devName?: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const shape = { readable: true, writable: true };
    const args = { dom: this.ref, devName, flags };
    return (await this.connection.openStream(remote.domainOpenConsole, args, shape, options)).stream;
  }

  /** Opens the first channel, or the one with this name; see {@link DomainChannelFlags}. */
  async openChannel(name?: string, flags = 0, options?: CallOptions): Promise<Duplex> {
    const shape = { readable: true, writable: true };
    const args = { dom: this.ref, name, flags };
    return (await this.connection.openStream(remote.domainOpenChannel, args, shape, options)).stream;
  }
}
