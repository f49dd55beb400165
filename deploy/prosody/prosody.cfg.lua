-- The XMPP server of docker-compose.yml. Names and the secret come from .env.
admins = {}
modules_enabled = {
	"roster", "saslauth", "tls", "dialback", "disco", "carbons", "pep", "private", "blocklist",
	"vcard4", "vcard_legacy", "ping", "mam", "csi_simple", "smacks", "register",
}
allow_registration = false
authentication = "internal_hashed"
storage = "internal"
archive_expires_after = "1w"
c2s_require_encryption = true
s2s_require_encryption = true
-- Put the certificate and the key of the XMPP domain here, as <domain>.crt and <domain>.key.
certificates = "/etc/prosody/certs"
log = { info = "*console" }

-- The port is open inside the compose network only.
component_ports = { 5347 }
component_interfaces = { "*" }

VirtualHost(ENV_XMPP_DOMAIN)
	disco_items = { { ENV_COMPONENT_DOMAIN, "Fediverse" } }

Component(ENV_COMPONENT_DOMAIN)
	component_secret = ENV_COMPONENT_SECRET
	-- After a crash the new stream takes the place of the old one at once.
	component_conflict_resolve = "kick_old"
