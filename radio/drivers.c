#include "mt_ether.h"
#include "mt_key_file.h"
#include "mt_session.h"
#include "sim_session.h"
#include "text.h"

const char *const radio_network_words[] = { "", "meshtastic", "meshcore", "sim", NULL };

const struct radio_ops *const radio_drivers[] = {
	&radio_meshtastic_ops,
	&radio_meshtastic_udp_ops,
	&radio_sim_ops,
	NULL,
};

const struct radio_ops *
radio_driver(struct text_view name)
{
	for (const struct radio_ops *const *d = radio_drivers; *d != NULL; d++)
		if (text_is(name, (*d)->name))
			return *d;
	return NULL;
}

bool
radio_keys_check(struct text_view keys, struct bytes_out *complaint)
{
	struct mt_keys scratch = { 0 };
	bool sound = mt_key_file_read(keys, &scratch, complaint);
	bytes_wipe(&scratch, sizeof scratch);
	return sound;
}
