/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Random bits of a join code, in bytes. */
#define PLAZA_JOIN_CODE_SIZE 10

/**
 * PlazaJoinLink: what a facilitator is handed to join: `plaza://join?u=…&a=…&f=…&c=…`, the same as
 * a JSON file (`.plazajoin`: {"url","ca","fingerprint","code"}), or a bare code where the campaign
 * package is already open.
 */
typedef struct
{
  char *url;         /* https://host[:port], NULL for a bare code */
  GBytes *ca;        /* DER of the CA certificate, NULL to use the system's or for a bare code */
  char *fingerprint; /* campaign, base32 not grouped, NULL for a bare code */
  char *code;        /* as plaza_join_code_normalise() gives it */
} PlazaJoinLink;

/**
 * plaza_join_link_parse: a link, the text of a join file or a bare code, with blanks around it.
 * Errors: PLAZA_ERROR_INVALID, whose message names the part (url, ca, fingerprint, code).
 */
PlazaJoinLink *plaza_join_link_parse (const char *text, GError **error);

PlazaJoinLink *
plaza_join_link_new (const char *url, GBytes *ca, const char *fingerprint, const char *code);
void plaza_join_link_free (PlazaJoinLink *link);

/** plaza_join_link_to_uri: Returns: (transfer full): the link; needs url and fingerprint. */
char *plaza_join_link_to_uri (const PlazaJoinLink *link);
/** plaza_join_link_to_file: Returns: (transfer full): the join file. */
GBytes *plaza_join_link_to_file (const PlazaJoinLink *link);

/** plaza_join_link_ca_pem: Returns: (transfer full) (nullable): the CA as PEM. */
char *plaza_join_link_ca_pem (const PlazaJoinLink *link);

/** plaza_join_code_new: 80 random bits, check symbol, groups of four. Returns: (transfer full). */
char *plaza_join_code_new (void);

/**
 * plaza_join_code_normalise: what a person typed in the one spelling that is hashed and compared,
 * or NULL with PLAZA_ERROR_INVALID when the check symbol disagrees. Returns: (transfer full).
 */
char *plaza_join_code_normalise (const char *text, GError **error);

/** plaza_server_url_check: only https, a host, an optional port; no user, path, query or fragment.
 */
gboolean plaza_server_url_check (const char *url, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaJoinLink, plaza_join_link_free)

G_END_DECLS
