// A root file system run as an engine would run it, without one: namespaces, read-only root, numeric user, and the
// program as process 1.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const script = `
set -euo pipefail
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
while [[ $1 != -- ]]; do mount --bind "$1" "$root$2"; shift 2; done; shift
ip link set lo up
exec env -i "$@"
`;

export class Container {
  // config: of the image. mounts: a folder of this machine for each path inside.
  constructor(root, config, mounts) {
    this.user = config.User.split(":");
    for (const path of Object.keys(mounts)) mkdirSync(join(root, path), { recursive: true });
    const chroot = ["/usr/sbin/chroot", `--userspec=${config.User}`, root, ...config.Entrypoint, ...(config.Cmd ?? [])];
    this.process = spawn("unshare", [
      "--mount", "--net", "--pid", "--fork", "bash", "-c", script, "container", root, config.User,
      ...Object.entries(mounts).flatMap(([path, folder]) => [folder, path]), "--", ...config.Env, ...chroot,
    ], { stdio: ["ignore", "ignore", "pipe"] });
    this.log = "";
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.ended = once(this.process, "exit").then(([status, signal]) => signal ?? status);
  }

  // Process 1 inside, as it is numbered outside.
  get first() {
    const unshare = this.process.pid;
    return readFileSync(`/proc/${unshare}/task/${unshare}/children`, "utf8").trim();
  }

  #inside(command) {
    const [user, group] = this.user;
    return ["-t", this.first, "-m", "-n", "-p", "-r", "-w", "-S", user, "-G", group, "--", ...command];
  }

  // Runs a program of the image beside the first, and gives its output; throws if it fails.
  run(...command) {
    return execFileSync("nsenter", this.#inside(command), { encoding: "utf8", env: {}, stdio: "pipe" });
  }

  // The same, and gives the exit code whatever it is.
  async exit_code(...command) {
    try {
      await promisify(execFile)("nsenter", this.#inside(command), { env: {} });
      return 0;
    } catch (failure) {
      return failure.code;
    }
  }

  async stop(signal) {
    process.kill(Number(this.first), signal);
    return this.ended;
  }

  // Process 1 takes the others with it. It outlives its parent: to change the user drops the death signal.
  kill() {
    if (this.process.exitCode === null && this.process.signalCode === null) process.kill(Number(this.first), "SIGKILL");
  }
}
