/* pages.h - commands that are more than a table: status, wait, watch, ping, join,
 * import. Floor 11.
 */
#ifndef MESHCTL_PAGES_H
#define MESHCTL_PAGES_H
#include "arguments.h"

enum exit_code page_status(const struct options *o, const struct arguments *a);
enum exit_code page_wait(const struct options *o, const struct arguments *a);
enum exit_code page_radio_record(const struct options *o, const struct arguments *a);
enum exit_code page_radio_channels(const struct options *o, const struct arguments *a);
enum exit_code page_radio_config_get(
    const struct options *o, const struct arguments *a);
enum exit_code page_radio_config_export(
    const struct options *o, const struct arguments *a);
enum exit_code page_radio_config_restore(
    const struct options *o, const struct arguments *a);
enum exit_code page_packet_watch(const struct options *o, const struct arguments *a);
enum exit_code page_message_watch(const struct options *o, const struct arguments *a);
enum exit_code page_message_wait(const struct options *o, const struct arguments *a);
enum exit_code page_event_watch(const struct options *o, const struct arguments *a);
enum exit_code page_peer_ping(const struct options *o, const struct arguments *a);
enum exit_code page_invite_create(const struct options *o, const struct arguments *a);
enum exit_code page_join(const struct options *o, const struct arguments *a);
enum exit_code page_leave(const struct options *o, const struct arguments *a);
enum exit_code page_peer_block(const struct options *o, const struct arguments *a);
enum exit_code page_key_rotate(const struct options *o, const struct arguments *a);
enum exit_code page_netcheck(const struct options *o, const struct arguments *a);
enum exit_code page_radio_probe(const struct options *o, const struct arguments *a);
enum exit_code page_radio_scan(const struct options *o, const struct arguments *a);
enum exit_code page_radio_diagnose(const struct options *o, const struct arguments *a);
enum exit_code page_registry_import(const struct options *o, const struct arguments *a);
enum exit_code page_registry_export(const struct options *o, const struct arguments *a);
enum exit_code page_registry_sync(const struct options *o, const struct arguments *a);
enum exit_code page_ca_create(const struct options *o, const struct arguments *a);
enum exit_code page_ca_sign(const struct options *o, const struct arguments *a);
enum exit_code page_ca_show(const struct options *o, const struct arguments *a);
#endif
