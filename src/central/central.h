/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/storage.h"
#include "seal/sealbox.h"
#include "wire/campaign.h"

G_BEGIN_DECLS

/**
 * PlazaCentral: one central's directory: its configuration, its keys, its certificates and the
 * campaigns it serves.
 *
 *   central.conf               what it is and where its database is; mode 0600
 *   keys/central-sign.key      Ed25519, signs receipts (and …-spare.key, to change to)
 *   keys/central-seal.key      X25519, opens envelopes
 *   keys/codes.key             keys the hashes of join codes
 *   tls/                       the private authority and the server's certificate
 *   campaigns/FINGERPRINT.plzcmp  signed packages
 *   replaced/                  packages that newer ones replaced
 *   dictionaries/ID.zdict      what laptops may still compress with, also of replaced packages
 *   invitations/FINGERPRINT.plzinv  every invitation of a campaign, to join without a connection
 *   central.db                 the database, when it is SQLite
 *
 * Read-only once opened, but for its campaigns; threads may share it.
 */
typedef struct
{
  char *directory;
  char *url;      /* https://host:port, as laptops reach it */
  char *database; /* storage URI */
  gboolean practice;
  guint per_address;    /* connections of one address */
  guint disk_floor_mib; /* below this much free room nothing new is taken in */
  guint enrol_tries;    /* failed enrolments of one address in 15 minutes */
  guint token_days;     /* how long a token lives */
  guint late_days;      /* how long after its code expired a device that joined in time, without a
                           connection, may make itself known */
  guint uploads_mib;    /* room for envelopes that arrive in pieces, of all devices together */
  PlazaPublicKey sign_public;
  PlazaPublicKey sign_spare_public;
  PlazaPublicKey seal_public;
  PlazaSecret *sign;
  PlazaSecret *seal;
  PlazaSecret *codes;
  char *ca_pem;
  char *server_pem;
  char *server_key;     /* PEM */
  GMutex lock;          /* of campaigns */
  GPtrArray *campaigns; /* (element-type PlazaCampaign) */
} PlazaCentral;

/**
 * plaza_central_create: makes a central in @directory, which must be empty or absent.
 * @url: https://host[:port]
 * @database: storage URI
 * @practice: whether it takes practice campaigns, and nothing else
 */
gboolean plaza_central_create (const char *directory,
                               const char *url,
                               const char *database,
                               gboolean practice,
                               GError **error);

/**
 * plaza_central_open: reads it. Refused with PLAZA_ERROR_INVALID when the configuration or a key
 * may be read by others, PLAZA_ERROR_NOT_FOUND when there is no central.
 */
PlazaCentral *plaza_central_open (const char *directory, GError **error);
void plaza_central_close (PlazaCentral *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCentral, plaza_central_close)

/** plaza_central_storage: a new connection to its database. Returns: (transfer full). */
PlazaStorage *plaza_central_storage (PlazaCentral *self, gboolean writable, GError **error);

/** plaza_central_reload: reads the campaigns again; the old ones stay when one cannot be read. */
gboolean plaza_central_reload (PlazaCentral *self, GError **error);

/** plaza_central_find_campaign: (transfer full) (nullable): by fingerprint, in any spelling. */
PlazaCampaign *plaza_central_find_campaign (PlazaCentral *self, const char *fingerprint);

/** plaza_central_campaigns: (transfer full) (element-type PlazaCampaign): all of them, as of now.
 */
GPtrArray *plaza_central_campaigns (PlazaCentral *self);

/** plaza_central_dictionary: (transfer full): by id, PLAZA_ERROR_NOT_FOUND when there is none. */
GBytes *
plaza_central_dictionary (PlazaCentral *self, const guint8 id[PLAZA_KEY_ID_SIZE], GError **error);

/** plaza_central_replaced: (transfer full) (element-type PlazaCampaign): packages that newer ones
 * replaced, for what laptops began on their questionnaires. */
GPtrArray *plaza_central_replaced (PlazaCentral *self);

/**
 * plaza_central_install: takes a signed package in. PLAZA_ERROR_REFUSED when it is a practice
 * campaign and the central is not, or the other way round, when it names other keys than this
 * central's, or when its serial is not newer than that of the package it would replace: laptops
 * would not take it. The package that is there already is no error.
 */
gboolean plaza_central_install (PlazaCentral *self, GBytes *package, GError **error);

/**
 * plaza_central_secret_load, _save: a secret of @length bytes as one line of base64url in a file of
 * mode 0600 that did not exist.
 */
PlazaSecret *plaza_central_secret_load (const char *path, gsize length, GError **error);
gboolean plaza_central_secret_save (const char *path, const PlazaSecret *secret, GError **error);

G_END_DECLS
