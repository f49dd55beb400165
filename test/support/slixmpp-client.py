"""An XMPP client that is not of this project (slixmpp), driven by JSON lines.

usage: slixmpp-client.py JID HOST PORT, the password as the first line of stdin. Then one command a line:
  {"do": "send", "to", "body", "id"?, "receipt"?, "lang"?, "type"?}
  {"do": "presence", "to", "type", "id"?}
  {"do": "iq", "to", "id", "name", "namespace"}         an iq get with one empty child
  {"do": "raw", "xml"}
Events, one a line: online, failed, message, receipt, presence, iq, closed. The end of stdin ends the client.
"""
import asyncio
import json
import sys
import threading
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

NS = "{jabber:client}"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
RECEIPTS = "{urn:xmpp:receipts}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def emit(event, **fields):
    print(json.dumps({"event": event, **{k: v for k, v in fields.items() if v is not None}}), flush=True)


def error_of(element):
    error = element.find(NS + "error")
    if error is None:
        return None
    names = [child.tag.removeprefix(STANZAS) for child in error if child.tag.startswith(STANZAS)]
    text = error.find(STANZAS + "text")
    condition = next((name for name in names if name != "text"), None)
    detail = error.find(STANZAS + condition) if condition else None
    return {
        "type": error.get("type"),
        "condition": condition,
        "uri": detail.text if detail is not None else None,
        "text": text.text if text is not None else None,
        "lang": text.get(XML_LANG) if text is not None else None,
    }


def describe(element):
    return {
        "from": element.get("from"),
        "to": element.get("to"),
        "id": element.get("id"),
        "type": element.get("type"),
        "lang": element.get(XML_LANG),
        "error": error_of(element),
        "xml": ET.tostring(element, encoding="unicode"),
    }


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self.whitespace_keepalive = False
        self.auto_authorize = None
        self.auto_subscribe = False
        self["feature_mechanisms"].unencrypted_plain = True
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("failed_auth", lambda _: emit("failed", text="authentication"))
        self.add_event_handler("connection_failed", lambda error: emit("failed", text=str(error)))
        self.add_event_handler("disconnected", self.on_closed)
        for name, handle in (("message", self.on_message), ("presence", self.on_presence), ("iq", self.on_iq)):
            self.register_handler(Callback("raw " + name, MatchXPath(NS + name), handle))

    async def on_start(self, _):
        await self.get_roster()
        self.send_presence()
        emit("online", jid=str(self.boundjid))

    def on_closed(self, _):
        emit("closed")
        self.loop.call_soon(self.loop.stop)

    def on_message(self, stanza):
        element = stanza.xml
        received = element.find(RECEIPTS + "received")
        body = element.find(NS + "body")
        if received is not None:
            emit("receipt", received=received.get("id"), **describe(element))
        else:
            emit("message", body=body.text if body is not None else None, **describe(element))

    def on_presence(self, stanza):
        element = stanza.xml
        status = element.find(NS + "status")
        nick = element.find("{http://jabber.org/protocol/nick}nick")
        emit(
            "presence",
            status=status.text if status is not None else None,
            nick=nick.text if nick is not None else None,
            **describe(element),
        )

    def on_iq(self, stanza):
        if stanza.xml.get("type") in ("result", "error"):
            emit("iq", **describe(stanza.xml))

    def obey(self, command):
        getattr(self, "do_" + command["do"])(command)

    def do_send(self, command):
        message = ET.Element(NS + "message", {"to": command["to"], "type": command.get("type", "chat")})
        if "id" in command:
            message.set("id", command["id"])
        if "lang" in command:
            message.set(XML_LANG, command["lang"])
        ET.SubElement(message, NS + "body").text = command["body"]
        if command.get("receipt"):
            ET.SubElement(message, RECEIPTS + "request")
        self.send_element(message)

    def do_presence(self, command):
        presence = ET.Element(NS + "presence", {"to": command["to"], "type": command["type"]})
        if "id" in command:
            presence.set("id", command["id"])
        self.send_element(presence)

    def do_iq(self, command):
        iq = ET.Element(NS + "iq", {"to": command["to"], "type": "get", "id": command["id"]})
        ET.SubElement(iq, "{%s}%s" % (command["namespace"], command["name"]))
        self.send_element(iq)

    def do_raw(self, command):
        self.send_raw(command["xml"])

    def send_element(self, element):
        self.send_raw(ET.tostring(element, encoding="unicode"))


def read_commands(client):
    for line in sys.stdin:
        client.loop.call_soon_threadsafe(client.obey, json.loads(line))
    client.loop.call_soon_threadsafe(client.disconnect)


def main():
    jid, host, port = sys.argv[1:]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    client = Client(jid, sys.stdin.readline().rstrip("\n"))
    threading.Thread(target=read_commands, args=(client,), daemon=True).start()
    client.connect((host, int(port)), use_ssl=False, force_starttls=False, disable_starttls=True)
    loop.run_forever()


main()
