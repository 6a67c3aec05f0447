/* SPDX-License-Identifier: MIT */
#include "cloud/commands/takeover/internal.h"

#include "cli/output/print.h"

#define RELAYS           "p2p-mk-*.eufylife.com"
#define VENDOR_MQTT_PORT 8789u
#define VENDOR_API_PORT  443u

const char *const snippet_names[] = {"dnsmasq", "unbound",  "pihole", "adguard", "openwrt",
				     "hosts",   "nftables", "chrony", NULL};

const char *const snippet_broker_hosts[SNIPPET_BROKER_HOSTS + 1] = {
	"make-mqtt.ankermake.com", "make-mqtt-eu.ankermake.com", NULL};
const char *const snippet_api_hosts[SNIPPET_API_HOSTS + 1] = {"make-app.ankermake.com",
							      "make-app-eu.ankermake.com", NULL};

/* Everything else of the vendor's: what it would report to, and where updates come from. */
static const char *const other_domains[] = {"ankermake.com", "eufylife.com", "anker.com", NULL};

/* Calls for each name that is to lead here. */
static void each_host(FILE *out, const struct snippet_values *values,
		      void (*print)(FILE *out, const char *host, const char *address))
{
	for (size_t i = 0; snippet_broker_hosts[i]; i++) {
		print(out, snippet_broker_hosts[i], values->address);
	}
	for (size_t i = 0; snippet_api_hosts[i] && !values->brokers_only; i++) {
		print(out, snippet_api_hosts[i], values->address);
	}
}

static void print_hosts_line(FILE *out, const char *host, const char *address)
{
	print_data(out, "%s %s\n", address, host);
}

/* After a comment of that syntax, where there is one. */
static void each_other_domain(FILE *out, const char *comment, const char *format,
			      const struct snippet_values *values)
{
	if (values->brokers_only) {
		return;
	}
	fputs(comment, out);
	for (size_t i = 0; other_domains[i]; i++) {
		print_data(out, format, other_domains[i]);
	}
}

/* An address of IPv4 alone lets it ask others for one of IPv6. */
static void print_dnsmasq_host(FILE *out, const char *host, const char *address)
{
	print_data(out, "address=/%s/%s\nlocal=/%s/\n", host, address, host);
}

static void print_dnsmasq(const struct snippet_values *values, FILE *out)
{
	fputs("# /etc/dnsmasq.d/flagship.conf; then: systemctl restart dnsmasq\n", out);
	each_host(out, values, print_dnsmasq_host);
	each_other_domain(out, "# no way to anything else of the vendor's, " RELAYS " among it\n",
			  "address=/%s/\n", values);
}

static void print_unbound_host(FILE *out, const char *host, const char *address)
{
	print_data(out, "\tlocal-zone: \"%s.\" redirect\n\tlocal-data: \"%s. A %s\"\n", host, host,
		   address);
}

static void print_unbound(const struct snippet_values *values, FILE *out)
{
	fputs("# /etc/unbound/unbound.conf.d/flagship.conf; then: unbound-control reload\n"
	      "server:\n",
	      out);
	each_other_domain(out, "", "\tlocal-zone: \"%s.\" always_nxdomain\n", values);
	each_host(out, values, print_unbound_host);
}

static void print_pihole_local(FILE *out, const char *host, const char *address)
{
	(void)address;
	print_data(out, "#   local=/%s/\n", host);
}

static void print_pihole(const struct snippet_values *values, FILE *out)
{
	fputs("# Pi-hole 6: pihole-FTL --config dns.hosts '[ ... ]' with these entries;\n"
	      "# Pi-hole 5: append to /etc/pihole/custom.list, then: pihole restartdns\n",
	      out);
	each_host(out, values, print_hosts_line);
	fputs("# so that nobody else is asked for their addresses of IPv6:\n"
	      "# Pi-hole 6: pihole-FTL --config misc.dnsmasq_lines '[ ... ]' with these lines;\n"
	      "# Pi-hole 5: /etc/dnsmasq.d/99-flagship.conf, then: pihole restartdns\n",
	      out);
	each_host(out, values, print_pihole_local);
	each_other_domain(
		out, "# no way to anything else of the vendor's (local names above go first):\n",
		"#   pihole regex '(\\.|^)%s$'\n", values);
	if (!values->brokers_only) {
		fputs("# the relays, which cost remote access alone:\n"
		      "#   pihole regex '^p2p-mk-'\n",
		      out);
	}
}

static void print_adguard_host(FILE *out, const char *host, const char *address)
{
	print_data(out, "||%s^$dnsrewrite=NOERROR;A;%s\n", host, address);
}

static void print_adguard(const struct snippet_values *values, FILE *out)
{
	fputs("! AdGuard Home: Filters, Custom filtering rules\n", out);
	each_host(out, values, print_adguard_host);
	each_other_domain(out, "", "||%s^\n", values);
	if (!values->brokers_only) {
		fputs("/^p2p-mk-/\n", out);
	}
}

/* Its servers of a name without an address are nobody: the same as local=/NAME/. */
static void print_openwrt_host(FILE *out, const char *host, const char *address)
{
	print_data(out,
		   "uci add_list dhcp.@dnsmasq[0].address='/%s/%s'\n"
		   "uci add_list dhcp.@dnsmasq[0].server='/%s/'\n",
		   host, address, host);
}

static void print_openwrt(const struct snippet_values *values, FILE *out)
{
	fputs("# on the router\n", out);
	each_host(out, values, print_openwrt_host);
	each_other_domain(out, "", "uci add_list dhcp.@dnsmasq[0].address='/%s/'\n", values);
	fputs("uci commit dhcp\n/etc/init.d/dnsmasq restart\n", out);
}

static void print_hosts(const struct snippet_values *values, FILE *out)
{
	fputs("# /etc/hosts of the machine that answers the network's DNS queries. Where its "
	      "server\n"
	      "# can be told so, let it ask nobody else for these names (dnsmasq: local=/NAME/):\n"
	      "# others could tell addresses of IPv6\n",
	      out);
	each_host(out, values, print_hosts_line);
}

static void print_nftables(const struct snippet_values *values, FILE *out)
{
	print_data(out,
		   "# nft -f flagship.nft on the router: the printer reaches this machine and "
		   "nothing else\n"
		   "table inet flagship {\n"
		   "\tset printers {\n"
		   "\t\ttype ipv4_addr\n"
		   "\t\telements = { %s }\n"
		   "\t}\n"
		   "\tchain out {\n"
		   "\t\ttype filter hook forward priority 0; policy accept;\n"
		   "\t\tip saddr @printers ip daddr %s accept\n"
		   "\t\tip saddr @printers drop\n"
		   "\t}\n",
		   values->printer, values->address);
	if (values->mqtt_port != VENDOR_MQTT_PORT || values->api_port != VENDOR_API_PORT) {
		print_data(out,
			   "\t# on this machine: the ports that printers look for\n"
			   "\tchain ports {\n"
			   "\t\ttype nat hook prerouting priority -100;\n"
			   "\t\tip saddr @printers tcp dport %u redirect to :%u\n"
			   "\t\tip saddr @printers tcp dport %u redirect to :%u\n"
			   "\t}\n",
			   VENDOR_MQTT_PORT, values->mqtt_port, VENDOR_API_PORT, values->api_port);
	}
	fputs("}\n", out);
}

static void print_chrony(const struct snippet_values *values, FILE *out)
{
	print_data(out,
		   "# /etc/chrony/conf.d/flagship.conf: the printer wants to know the time\n"
		   "allow 192.168.0.0/16\n"
		   "allow 10.0.0.0/8\n"
		   "allow 172.16.0.0/12\n"
		   "local stratum 10\n"
		   "# and for dnsmasq, which tells the printer where:\n"
		   "#   dhcp-option=option:ntp-server,%s\n",
		   values->address);
}

void snippet_print(enum snippet_kind kind, const struct snippet_values *values, FILE *out)
{
	static void (*const printers[])(const struct snippet_values *, FILE *) = {
		[SNIPPET_DNSMASQ] = print_dnsmasq,   [SNIPPET_UNBOUND] = print_unbound,
		[SNIPPET_PIHOLE] = print_pihole,     [SNIPPET_ADGUARD] = print_adguard,
		[SNIPPET_OPENWRT] = print_openwrt,   [SNIPPET_HOSTS] = print_hosts,
		[SNIPPET_NFTABLES] = print_nftables, [SNIPPET_CHRONY] = print_chrony,
	};

	printers[kind](values, out);
}
