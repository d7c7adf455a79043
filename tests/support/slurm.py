"""A Slurm of one node on loopback: munge, controller and node daemon as children of the test.

Nothing outside its folder is written but the link ``/etc/slurm/slurm.conf``, where programs look
that drop the environment; it is removed again. Only processes that carry the mark of this cluster
in their environment are ever ended.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

CONFIG_LINK = Path("/etc/slurm/slurm.conf")
MARK = "SCALING_STUDIES_TEST_CLUSTER"
#: Seconds that a daemon or a command may take on a busy machine.
PATIENCE = 60
#: More cores and memory than the machine may have: jobs queue as on a larger node.
CPUS, MEMORY_MB = 4, 16_000
#: Seconds that a message and the start of a job may take, and after which credentials expire.
#: A job that a dying node accepted and never started counts as running until the node registers
#: later than the first two together; one sent back to the queue waits for the third.
MESSAGE, START, EXPIRE = 8, 2, 20
#: Seconds without the node daemon after which its return ends the jobs that it lost.
OUTAGE = MESSAGE + START + 2

CONFIG = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire={expire}
CryptoType=crypto/munge
SlurmctldPort={controller_port}
SlurmdPort={node_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=1
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
ReturnToService=2
MinJobAge=600
KillWait=2
SlurmdTimeout=60
MessageTimeout={message}
BatchStartTimeout={start}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """A running cluster.

    Parameters
    ----------
    folder
        Where it keeps its configuration, keys, states and logs; short, as it holds a socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = socket.gethostname().split(".")[0]
        self.config = folder / "slurm.conf"
        self.environment = os.environ | {
            "SLURM_CONF": str(self.config),
            MARK: str(folder),
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        }
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Slurm:
        try:
            self._configure()
            self._start_munge()
            self._start("slurmctld", "slurmctld", "-D", "-f", str(self.config))
            self.start_node()
            self._wait("the node to be idle", lambda: self.node_state() == "idle")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _configure(self) -> None:
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        ports = _free_ports(2)
        text = CONFIG.format(
            host=self.host,
            folder=self.folder,
            controller_port=ports[0],
            node_port=ports[1],
            cpus=CPUS,
            memory=MEMORY_MB,
            message=MESSAGE,
            start=START,
            expire=EXPIRE,
        )
        self.config.write_text(text, encoding="utf-8")
        CONFIG_LINK.parent.mkdir(exist_ok=True)
        CONFIG_LINK.symlink_to(self.config)

    def _start_munge(self) -> None:
        key, link = self.folder / "munge.key", self.folder / "munge.socket"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)
        self._start(
            "munged",
            "munged",
            "--foreground",
            "--force",
            f"--key-file={key}",
            f"--socket={link}",
            f"--pid-file={self.folder / 'munged.pid'}",
            f"--log-file={self.folder / 'munged.log'}",
            f"--seed-file={self.folder / 'munge.seed'}",
        )
        self._wait("munge to listen", link.is_socket)

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as output:
            self._daemons[name] = subprocess.Popen(
                command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def start_node(self) -> None:
        """Start the node daemon."""
        self._start("slurmd", "slurmd", "-D", "-f", str(self.config), "-N", self.host)

    def kill_node(self) -> None:
        """Kill the node daemon as a crash would; its jobs' keepers live on."""
        daemon = self._daemons.pop("slurmd")
        daemon.kill()
        daemon.wait(PATIENCE)

    def call(self, *command: str) -> str:
        """Output of a Slurm command; empty when it fails or takes too long."""
        guarded = ["timeout", "-k", "2", "20", *command]
        done = subprocess.run(guarded, env=self.environment, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    def node_state(self) -> str:
        """State of the node as ``sinfo`` calls it."""
        return self.call("sinfo", "-h", "-o", "%t")

    def running(self) -> list[str]:
        """Ids of the running jobs."""
        return self.call("squeue", "-h", "-t", "RUNNING", "-o", "%i").split()

    def kill_job(self, job: str) -> None:
        """Kill every process of a job."""
        self.call("scancel", "--full", "--signal=KILL", job)

    def stop(self) -> None:
        """Stop jobs and daemons and remove the link; safe to call at any time."""
        if "slurmctld" in self._daemons:
            self.call("scancel", "--user=root")
        for name in ("slurmd", "slurmctld", "munged"):
            daemon = self._daemons.pop(name, None)
            if daemon is None:
                continue
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait(10)
        for process in self._left():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if CONFIG_LINK.is_symlink() and CONFIG_LINK.readlink() == self.config:
            CONFIG_LINK.unlink()

    def _left(self) -> list[int]:
        """Processes that carry the mark of this cluster: jobs and their keepers."""
        mark, found = f"{MARK}={self.folder}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return [process for process in found if process != os.getpid()]

    def _wait(self, what: str, condition) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            dead = [name for name, daemon in self._daemons.items() if daemon.poll() is not None]
            if dead or time.monotonic() > deadline:
                raise RuntimeError(f"waited in vain for {what}; ended: {dead}\n{self.logs()}")
            time.sleep(0.2)

    def logs(self) -> str:
        """Ends of all logs, for the message of a failing test."""
        parts = []
        for path in sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")]):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            parts.append("\n".join([f"--- {path.name}", *lines]))
        return "\n".join(parts)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
