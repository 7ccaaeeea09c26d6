/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that exist without being configured, in the language itself.
 * Names are FortiOS's, so that imported policies find them.
 */
#include "conf/conf_check.h"

#define SVC(name, set)							\
	"edit \"" name "\"\n" set "next\n"
#define TCP(name, p)	SVC(name, "set tcp-portrange " p "\n")
#define UDP(name, p)	SVC(name, "set udp-portrange " p "\n")
#define BOTH(name, p)							\
	SVC(name, "set tcp-portrange " p "\nset udp-portrange " p "\n")
#define IPPROTO_N(name, n)						\
	SVC(name, "set protocol IP\nset protocol-number " n "\n")
#define OFF(proto)	"config " proto "\nset status disable\nend\n"
#define DEEP_EXEMPT							\
	"config ssl-exempt\n"						\
	"edit 1\nset fortiguard-category 31\nnext\n"			\
	"edit 2\nset fortiguard-category 33\nnext\n"			\
	"end\n"
#define DEEP(name, verdicts)						\
	"edit \"" name "\"\n"						\
	"config https\nset ports 443\nset status deep-inspection\n"	\
	verdicts "end\n"						\
	"config ssl\n" verdicts "end\n"					\
	DEEP_EXEMPT "next\n"
/* What FortiOS lets pass behind a warning of the browser is refused by the
 * read-only profile: who wants FortiOS's defaults takes the customizable
 * one. */
#define STRICT								\
	"set untrusted-server-cert block\n"				\
	"set expired-server-cert block\n"				\
	"set revoked-server-cert block\n"				\
	"set cert-validation-failure block\n"				\
	"set unsupported-ssl-cipher block\n"				\
	"set sni-server-cert-check strict\n"

const char wad_conf_builtin[] =
"config firewall address\n"
"edit \"all\"\nset subnet 0.0.0.0 0.0.0.0\nnext\n"
"edit \"none\"\nset subnet 0.0.0.0 255.255.255.255\nnext\n"
"end\n"
"config firewall address6\n"
"edit \"all\"\nset ip6 ::/0\nnext\n"
"edit \"none\"\nset ip6 ::/128\nnext\n"
"end\n"
"config firewall service custom\n"
SVC("ALL", "set protocol IP\n")
TCP("ALL_TCP", "1-65535")
UDP("ALL_UDP", "1-65535")
SVC("ALL_ICMP", "set protocol ICMP\n")
SVC("ALL_ICMP6", "set protocol ICMP6\n")
SVC("PING", "set protocol ICMP\n")
SVC("PING6", "set protocol ICMP6\n")
IPPROTO_N("GRE", "47")
IPPROTO_N("AH", "51")
IPPROTO_N("ESP", "50")
IPPROTO_N("OSPF", "89")
TCP("HTTP", "80")
TCP("HTTPS", "443")
BOTH("DNS", "53")
TCP("SSH", "22")
TCP("TELNET", "23")
TCP("FTP", "21")
TCP("FTP_GET", "21")
TCP("FTP_PUT", "21")
UDP("TFTP", "69")
TCP("SMTP", "25")
TCP("SMTPS", "465")
TCP("IMAP", "143")
TCP("IMAPS", "993")
TCP("POP3", "110")
TCP("POP3S", "995")
TCP("NNTP", "119")
BOTH("NTP", "123")
BOTH("SNMP", "161-162")
UDP("SYSLOG", "514")
TCP("LDAP", "389")
UDP("LDAP_UDP", "389")
TCP("LDAPS", "636")
BOTH("KERBEROS", "88 464")
TCP("SMB", "445")
TCP("SAMBA", "139")
TCP("RDP", "3389")
TCP("VNC", "5900")
TCP("MYSQL", "3306")
TCP("MS-SQL", "1433-1434")
TCP("BGP", "179")
UDP("DHCP", "67-68")
UDP("DHCP6", "546-547")
UDP("RADIUS", "1812-1813")
BOTH("SIP", "5060")
BOTH("SOCKS", "1080")
TCP("SQUID", "3128")
BOTH("RTSP", "554")
TCP("IRC", "6660-6669")
BOTH("NFS", "111 2049")
BOTH("DCE-RPC", "135")
BOTH("WINS", "1512")
UDP("IKE", "500 4500")
BOTH("L2TP", "1701")
TCP("PPTP", "1723")
SVC("webproxy", "set protocol ALL\nset tcp-portrange 0-65535\n")
"end\n"
"config firewall service group\n"
SVC("Web Access", "set member \"DNS\" \"HTTP\" \"HTTPS\"\n")
SVC("Email Access", "set member \"DNS\" \"IMAP\" \"IMAPS\" \"POP3\" "
    "\"POP3S\" \"SMTP\" \"SMTPS\"\n")
"end\n"
"config firewall profile-protocol-options\n"
"edit \"default\"\nconfig http\nset ports 80\nend\nnext\n"
"end\n"
"config firewall ssl-ssh-profile\n"
"edit \"no-inspection\"\n" OFF("https") "next\n"
"edit \"certificate-inspection\"\n"
"config https\nset ports 443\nset status certificate-inspection\nend\n"
"next\n"
DEEP("deep-inspection", STRICT)
DEEP("custom-deep-inspection", "")
"end\n";
