#!/usr/bin/env python3
"""A real SMTP server on loopback that treats each recipient as the address says.

Prints "port N" and serves until its standard input ends. Each mail that it takes becomes a line of JSON in RECORD:
from, to, content, user, tls, the number of its connection; and what Python's own reader of mails sees in it: subject,
text, and how many defects.

  gone@…     550 at once                      busy-N@…   450 to the first N tries, then taken
  spam@…     554 after the content            drop-N@…   the first N tries: hangs up when the content has come
  slow-N@…   answers the content after N s    cut-N@…    the first N tries: hangs up when the content should come
  leave-N@…  the first N tries: hangs up at the recipient
"""
import argparse
import asyncio
import collections
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Rules:
    def __init__(self, record):
        self.record = open(record, "a", encoding="utf-8")
        self.tries = collections.Counter()
        self.connections = 0

    @staticmethod
    def rule(address):
        word, _, number = address.split("@")[0].partition("-")
        return word, int(number) if number.isdigit() else 0

    def hits(self, address, word):
        return self.rule(address)[0] == word and self.tries[address] <= self.rule(address)[1]

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tries[address] += 1
        if self.rule(address)[0] == "gone":
            return "550 5.1.1 there is no such person here"
        if self.hits(address, "busy"):
            return "450 4.2.0 come back later"
        if self.hits(address, "leave"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        word, number = self.rule(to)
        if word == "slow":
            await asyncio.sleep(number)
        if word == "spam":
            return "554 5.7.1 nobody wants this"
        if self.hits(to, "drop"):
            server.transport.abort()
            return "451 gone"
        seen = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = seen.get_body(("plain",))
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("utf-8", "surrogateescape"),
            "user": session.auth_data.decode() if session.auth_data else "",
            "tls": server.transport.get_extra_info("cipher") is not None,
            "connection": server.number,
            "subject": seen["subject"] or "",
            "text": text.get_content() if text is not None else "",
            "defects": sum(len(part.defects) for part in seen.walk()),
        }
        self.record.write(json.dumps(mail) + "\n")
        self.record.flush()
        return "250 2.0.0 taken over"


class Server(SMTP):
    def __init__(self, rules, *args, **options):
        super().__init__(rules, *args, **options)
        rules.connections += 1
        self.number = rules.connections

    async def smtp_DATA(self, arg):
        recipients = self.envelope.rcpt_tos
        if recipients and self.event_handler.hits(recipients[0], "cut"):
            await self.push("354 go on")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("record")
    parser.add_argument("--certificate", help="PEM with certificate and key: STARTTLS is offered")
    parser.add_argument("--implicit", action="store_true", help="TLS from the beginning")
    parser.add_argument("--user", help="NAME:PASSWORD, without which no mail is taken")
    parser.add_argument("--idle", type=float, default=60, help="seconds until an idle connection is closed")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()

    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)

    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        # handled=False lets the server send the refusal itself.
        return AuthResult(success=given == options.user, handled=given == options.user, auth_data=data.login)

    rules = Rules(options.record)
    settings = {"timeout": options.idle, "hostname": "test"}
    if options.user:
        settings |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": context is not None and not options.implicit}
    if context and not options.implicit:
        settings |= {"tls_context": context}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(rules, loop=loop, **settings), "127.0.0.1", options.port,
        ssl=context if options.implicit else None)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
