"""Debian's Postfix as somebody's mail server, which takes nothing that is not encrypted and from nobody who has not signed in; and a line to
it on which everything can be read that others on the way could read."""

import email
import email.policy
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import threading

from box import NotSo, until

USER, PASSWORD = "box", "hunter2-and-more"
NAME = "localhost"
"""The name in its certificate."""
NOBODY = 65534
"""Debian's nobody, whom the mailbox belongs to."""

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
local_recipient_maps =
alias_maps =
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
cyrus_sasl_config_path = {folder}/sasl
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:kept/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
"""

MASTER = """
{starttls} inet n - n - - smtpd
{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""

SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {folder}/sasl/people
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Postfix:
    """An instance of its own, with its queue and its mailbox in `folder`; what the machine has configured is left alone."""

    def __init__(self, folder):
        missing = [name for name in ("postfix", "saslpasswd2", "openssl") if not shutil.which(name, path=PATH)]
        if missing:
            raise SystemExit(f"not installed: {', '.join(missing)}. As root: apt-get install postfix libsasl2-modules sasl2-bin openssl")
        if os.geteuid() != 0:
            raise SystemExit("Postfix starts as root alone.")
        self.folder, self.starttls, self.tls = folder, free_port(), free_port()
        folder.chmod(0o755)
        for name in ("queue", "data", "mail", "sasl"):
            (folder / name).mkdir()
        postfix = pwd.getpwnam("postfix").pw_uid
        os.chown(folder / "data", postfix, -1)
        os.chown(folder / "mail", NOBODY, NOBODY)
        facts = {"folder": folder, "nobody": NOBODY, "starttls": self.starttls, "tls": self.tls}
        for path, text in (("main.cf", MAIN), ("master.cf", MASTER), ("sasl/smtpd.conf", SASL)):
            (folder / path).write_text(text.lstrip().format(**facts))
        people = folder / "sasl" / "people"
        run("saslpasswd2", "-p", "-c", "-f", people, "-u", "mail.example.com", USER, given=PASSWORD)
        os.chown(people, postfix, -1)
        self.ca_file = certificates(folder)

    def __enter__(self):
        run("postfix", "-c", self.folder, "start")
        for port in (self.starttls, self.tls):
            until("Postfix listens", lambda: listens(port))
        return self

    def __exit__(self, *_):
        run("postfix", "-c", self.folder, "stop")

    def log(self):
        return (self.folder / "log").read_text("utf-8")

    def mails(self, to):
        """What has come for this address, oldest first."""
        read = lambda file: email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        files = (self.folder / "mail" / "kept" / "new").glob("*")
        mails = [read(file) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]
        return [mail for mail in mails if mail["delivered-to"] == to]

    def wait_for(self, count, to):
        return until(f"{count} e-mails have come for {to}", lambda: (found := self.mails(to)) and len(found) >= count and found)


PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"


def run(*command, given=None):
    command = [str(word) for word in command]
    done = subprocess.run(command, input=given, text=True, capture_output=True, timeout=60, env=os.environ | {"PATH": PATH})
    if done.returncode != 0:
        raise NotSo(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def certificates(folder):
    """An authority of our own and the server's certificate from it; gives the authority's."""
    ca, key, asked = folder / "ca.pem", folder / "ca.key", folder / "asked.pem"
    names = folder / "names"
    names.write_text(f"subjectAltName=DNS:{NAME}\n")
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    run(*new, "-x509", "-days", "2", "-keyout", key, "-out", ca, "-subj", "/CN=An authority of tests")
    run(*new, "-keyout", folder / "server.key", "-out", asked, "-subj", f"/CN={NAME}")
    run(
        "openssl", "x509", "-req", "-in", asked, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", "2",
        "-extfile", names, "-out", folder / "server.pem",
    )  # fmt: skip
    (folder / "server.key").chmod(0o600)
    return ca


class Line:
    """A line to a port, which keeps what the client says. With `strips` it hides that the server can encrypt, as an attacker on the way
    would."""

    def __init__(self, port, strips=False):
        self.to, self.strips, self.said = port, strips, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.server.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.to), 5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            said = bytearray()
            self.said.append(said)
            threading.Thread(target=pass_on, args=(client, server, said.extend, bytes), daemon=True).start()
            hidden = (lambda data: data.replace(b"250-STARTTLS\r\n", b"")) if self.strips else bytes
            threading.Thread(target=pass_on, args=(server, client, lambda _: None, hidden), daemon=True).start()

    def in_clear(self):
        """What it said before it began to encrypt, connection by connection, as lines."""
        return [bytes(said).split(b"\x16\x03", 1)[0].decode("ascii", "replace").split("\r\n")[:-1] for said in self.said]

    def all(self):
        return b"\n".join(bytes(said) for said in self.said)


def pass_on(source, sink, keep, change):
    try:
        while data := source.recv(65536):
            keep(data)
            sink.sendall(change(data))
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
