#include "meshctl_man.h"
#include "op.h"
#include "text.h"

/* Switches of meshctl itself, which the operation does not have. */
static void
put_switches(const struct op *op, struct bytes_out *out)
{
	/* clang-format off */
	static const struct { enum op_number op; const char *name, *doc; } rows[] = {
		{ OP_STATUS, "check", "exit status 7 if something is degraded" },
		{ OP_INVITE_CREATE, "qr", "draw the token, too" },
		{ OP_JOIN, "yes", "without asking back" },
		{ OP_LEAVE, "yes", "without asking back" },
		{ OP_PEER_BLOCK, "yes", "without asking back" },
		{ OP_KEY_ROTATE, "yes", "without asking back" },
	}; /* clang-format on */
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (op == &op_table[rows[i].op])
			text_printf(out, ".br\n\\fB\\-\\-%s\\fR: %s\n", rows[i].name,
			    rows[i].doc);
}

/* "packet.list" as the words one types, and its parameters by place. */
static void
put_command(const struct op *op, struct bytes_out *out)
{
	text_put(out, ".TP\n.B ");
	for (const char *c = op->name; *c != '\0'; c++)
		bytes_put(out, *c == '.' ? " " : c, 1);
	if (op->places[0] != '\0') {
		text_put(out, " \\fI");
		op_put_places(op, out);
		text_put(out, "\\fR");
	}
	text_printf(out, "\n%s\n", op->help);
	for (size_t i = 0; i < op->params->count; i++)
		text_printf(out, ".br\n\\fB\\-\\-%s\\fR: %s\n",
		    op->params->rows[i].name, op->params->rows[i].doc);
	put_switches(op, out);
}

/* What meshctl does with several entries at once. */
static void
put_registry(struct bytes_out *out)
{
	text_put(out,
	    ".TP\n.B registry import \\fIFILE\\fR\nEnters each line, a JSON object as "
	    "export writes it; \\fB\\-\\fR is standard input. A line that fails is "
	    "named; \\fB\\-\\-from\\fR \\fILINE\\fR goes on there.\n"
	    ".TP\n.B registry export\nEntries with their embeddings, a JSON object a "
	    "line; \\fB\\-\\-type\\fR, \\fB\\-\\-site\\fR, "
	    "\\fB\\-\\-filter\\fR \\fIEXPRESSION\\fR.\n"
	    ".TP\n.B registry sync\nHow many records the neighbours have and this site "
	    "lacks; \\fB\\-\\-wait\\fR until it is none, exit status 6 after "
	    "\\fB\\-\\-timeout\\fR (30s), also where no neighbour answers.\n");
}

/* Radios by hand. */
static void
put_radio(struct bytes_out *out)
{
	text_put(out,
	    ".TP\n.B radio scan\nSerial ports on USB, which boards are known there, "
	    "and "
	    "which radio has them; nothing is written to any.\n"
	    ".TP\n.B radio probe \\fIDEVICE\\fR\nWhether that is a radio: a device, or "
	    "\\fIHOST\\fR[:\\fIPORT\\fR], that no radio of this site has; exit status "
	    "1 "
	    "if none answers within \\fB\\-\\-timeout\\fR (20s), 5 if it is known as "
	    "the radio of a site or a program of this machine is connected to it. "
	    "\\fB\\-\\-no\\-daemon\\fR: no meshd is here to be asked.\n"
	    ".TP\n.B radio diagnose \\fINAME\\fR\nWhy a radio\\(aqs link does not "
	    "hold: "
	    "it is held raw, with plain socket options, and as meshd keeps it, a third "
	    "of \\fB\\-\\-duration\\fR (90s; 9s to 1h) each. Exit status 7 if it does "
	    "not hold.\n"
	    ".TP\n.B radio record \\fINAME FILE\\fR\nMakes the link anew and writes "
	    "what "
	    "goes over it into a new file, without keys, places, names and texts, for "
	    "\\fB\\-\\-for\\fR \\fISPAN\\fR or until interrupted. Exit status 1, and "
	    "no file, if nothing went over it.\n");
}

static void
put_messages(struct bytes_out *out)
{
	text_put(out,
	    ".TP\n.B msg watch\nTexts as they come, and what becomes of ours; "
	    "\\fB\\-\\-count\\fR \\fIN\\fR, \\fB\\-\\-for\\fR \\fISPAN\\fR, "
	    "\\fB\\-\\-filter\\fR \\fIEXPRESSION\\fR.\n"
	    ".TP\n.B msg wait \\fIREQUEST\\fR\nUntil what was sent to one node is "
	    "confirmed, what is for all is repeated, or what was asked is answered, "
	    "which shows the answer, too. \\fB\\-\\-for\\fR \\fISPAN\\fR, or "
	    "\\fB\\-\\-timeout\\fR (2m): then exit status 6; 1 if it failed. "
	    "\\fB\\-\\-site\\fR \\fINAME\\fR: that site sent it.\n");
}

/* What a radio is set to; its name is needed only where a site has several. */
static void
put_config(struct bytes_out *out)
{
	text_put(out,
	    ".TP\n.B radio config get \\fI[SECTION]\\fR\nWhat a radio is set to, by "
	    "the "
	    "official names: a section (\\fBowner\\fR, \\fBlora\\fR, \\fBmqtt\\fR, "
	    "\\fBfixed_position\\fR, \\fBchannel_0\\fR ...), a group "
	    "(\\fBconfig\\fR, \\fBmodules\\fR, \\fBchannels\\fR) or all; what has its "
	    "default is left out, secrets are "
	    "not shown. \\fB\\-\\-radio\\fR \\fINAME\\fR where a site has several; "
	    "\\fB\\-\\-site\\fR \\fINAME\\fR: of another site\\(aqs radio, if this "
	    "site is an admin of the network.\n"
	    ".TP\n.B radio config export \\fI[FILE]\\fR\nThe same as JSON into a new "
	    "file that only its owner reads; \\fB\\-\\-secrets\\fR with keys, "
	    "passwords and PINs; \\fB\\-\\-radio\\fR \\fINAME\\fR; "
	    "\\fB\\-\\-site\\fR \\fINAME\\fR, then without secrets.\n"
	    ".TP\n.B radio config restore \\fIFILE\\fR\nShows what the radio has and "
	    "the file wants, where they differ. \\fB\\-\\-yes\\fR sets the radio to "
	    "it, all or nothing, waits until it has started anew and compares again; "
	    "the radio\\(aqs section needs \\fBadmin = yes\\fR. A radio that is "
	    "told another \\fBfixed_position\\fR tells its mesh at once: it is said, "
	    "and needs \\fBtx = yes\\fR. "
	    "\\fB\\-\\-other\\-node\\fR: also with the settings of another node; "
	    "\\fB\\-\\-radio\\fR \\fINAME\\fR; \\fB\\-\\-site\\fR \\fINAME\\fR: "
	    "what differs has to fit into one datagram.\n");
}

/* Said in words of their own. */
static bool
has_words(enum op_number op)
{
	return op == OP_PEER_PING || op == OP_RADIO_RECORD ||
	    op == OP_RADIO_CONFIG_GET || op == OP_RADIO_CONFIG_EXPORT ||
	    op == OP_RADIO_CONFIG_RESTORE;
}

static void
put_ca(struct bytes_out *out)
{
	text_put(out,
	    ".TP\n.B ca create \\fIFILE\\fR\nA key for an authority that certifies "
	    "sites, into a new file that only its owner reads. Keep it away from the "
	    "sites.\n"
	    ".TP\n.B ca sign \\fIFILE\\fR\nA certificate by that authority: "
	    "\\fB\\-\\-site\\fR \\fIKEY\\fR and \\fB\\-\\-network\\fR "
	    "\\fIID\\fR as the site\\(aqs \\fBkey show\\fR says them, "
	    "\\fB\\-\\-name\\fR \\fINAME\\fR, \\fB\\-\\-for\\fR "
	    "\\fISPAN\\fR, \\fB\\-\\-out\\fR \\fIFILE\\fR.\n"
	    ".TP\n.B ca show \\fIFILE\\fR\nWhat a certificate says; exit status 7 if "
	    "it is over.\n");
}

void
meshctl_man(struct bytes_out *out)
{
	text_put(out,
	    ".\\\" Made by tools/docgen from the operation table: do not edit.\n"
	    ".TH MESHCTL 1 \"\" \"meshd " MESHD_VERSION "\" \"meshd\"\n"
	    ".SH NAME\nmeshctl \\- ask a running meshd\n"
	    ".SH SYNOPSIS\n.B meshctl\n[\\fB\\-\\-socket\\fR \\fIPATH\\fR] "
	    "[\\fB\\-\\-json\\fR] "
	    "\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
	    ".SH DESCRIPTION\nSpeaks the daemon's HTTP API over its UNIX socket, by "
	    "default\n"
	    ".I /run/meshd/meshd.sock\nor what\n.B MESHD_SOCKET\nnames.\n"
	    ".SH COMMANDS\n"
	    ".TP\n.B wait\nUntil \\fB\\-\\-ready\\fR, \\fB\\-\\-radio\\fR (one is "
	    "connected), "
	    "\\fB\\-\\-peers\\fR \\fIN\\fR are alive, or \\fB\\-\\-agree\\fR \\fIN\\fR "
	    "sites "
	    "(MESHD_SOCKET_1 .. N) hold the same records; 30 s unless "
	    "\\fB\\-\\-timeout\\fR says "
	    "otherwise.\n"
	    ".TP\n.B packet watch\nPackets as they come. \\fB\\-\\-jsonl\\fR: one "
	    "object a line; "
	    "\\fB\\-\\-count\\fR \\fIN\\fR, \\fB\\-\\-for\\fR \\fISPAN\\fR, "
	    "\\fB\\-\\-filter\\fR "
	    "\\fIEXPRESSION\\fR.\n"
	    ".TP\n.B event watch\nThe whole event stream; \\fB\\-\\-topics\\fR "
	    "\\fInode,packet,peer,alert,radio,state\\fR. "
	    "\\fB\\-\\-stage stored\\fR: "
	    "records when they are on this site's disk, instead of when they are "
	    "heard. \\fB\\-\\-count\\fR, \\fB\\-\\-for\\fR and "
	    "\\fB\\-\\-filter\\fR as above.\n"
	    ".TP\n.B peer ping \\fINAME\\fR\nEchoes to one site, by name or key: the "
	    "round trip, and that to each site on the way, from signed stamps. A hop "
	    "whose stamp is missing or wrong is called unverified. "
	    "\\fB\\-\\-count\\fR \\fIN\\fR (4; 0: until interrupted), "
	    "\\fB\\-\\-interval\\fR \\fISPAN\\fR (1s). Exits 6 when nothing came back, "
	    "4 "
	    "for an unknown name, 1 for a site that is known to be down.\n");
	put_ca(out);
	put_registry(out);
	put_radio(out);
	put_config(out);
	put_messages(out);
	for (size_t i = 0; i < OP_COUNT; i++)
		if (!has_words((enum op_number)i))
			put_command(&op_table[i], out);
	text_put(out,
	    ".SH EXIT STATUS\n0 ok, 1 failed, 2 usage, 3 daemon not reachable, 4 not "
	    "found,\n"
	    "5 denied, 6 timeout, 7 degraded (status \\-\\-check).\n"
	    ".SH EXAMPLES\n.nf\nmeshctl status\nmeshctl packet list \\-\\-limit 5\n"
	    "meshctl packet watch \\-\\-count 1 \\-\\-for 20s\n"
	    "meshctl alert raise gate.open \"The gate is open\" \\-\\-severity high\n"
	    "meshctl \\-\\-json peer list\nmeshctl netcheck\n.fi\n"
	    ".SH SEE ALSO\n.BR meshd (8)\n");
}
