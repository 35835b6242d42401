/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/catalogue.h"
#include "seal/sign.h"

G_BEGIN_DECLS

/** Largest campaign package. */
#define PLAZA_CAMPAIGN_MAX_BYTES (32u << 20)

/** PlazaCampaignQuestionnaire: one form of the campaign; file and media name files of the package.
 */
typedef struct
{
  char *form_id;
  char *version;
  char *file;
  GStrv media; /* as the form calls them: jr://file-csv/estados.csv is "estados.csv" */
} PlazaCampaignQuestionnaire;

/** PlazaCampaignCatalogue: a code list of the package and the names of its columns. */
typedef struct
{
  char *id; /* "states", "municipalities", "languages"… */
  char *file;
  char *version;
  char *code, *name, *label, *parent; /* columns, NULL for catalogue.h's defaults */
} PlazaCampaignCatalogue;

typedef struct
{
  char *id;
  char *name;
} PlazaCampaignOrganisation;

/** PlazaCampaignOutcome: an interview ends kindly with @outcome once @xpath is true in it. */
typedef struct
{
  char *outcome; /* see PlazaOutcome in wire/header.h */
  char *xpath;
} PlazaCampaignOutcome;

/**
 * PlazaCampaign: one consultation as its signed package states it. Fields are read-only; reference
 * counted, threads may share it.
 *
 * Package: "PLZCMP01" ‖ campaign public key (32) ‖ u32le length ‖ canonical JSON manifest ‖ the
 * files in the manifest's order ‖ Ed25519 signature (64) of the BLAKE2b-256 of all before. The
 * manifest's "files": [{"name","size","hash"}] binds them.
 */
typedef struct
{
  char *id;          /* UUID */
  char *fingerprint; /* of the campaign key, base32: how the campaign is named everywhere */
  char *title;
  gboolean practice;
  char *server_url;  /* https://… without trailing slash */
  char *server_ca;   /* PEM of the private CA; NULL to use the system's */
  GStrv server_pins; /* SHA-256 of the server's public key in base64, current and spare; empty for
                        none */
  gint64 serial;     /* grows with each package of the campaign; 0 when it is not stated */
  GStrv revoked;     /* device UUIDs whose work no longer counts by itself */
  PlazaPublicKey key_campaign;
  PlazaPublicKey key_central_sign;
  PlazaPublicKey key_central_sign_spare;
  PlazaPublicKey key_central_seal;
  PlazaPublicKey key_custody;
  PlazaPublicKey key_recovery;
  GPtrArray *questionnaires; /* (element-type PlazaCampaignQuestionnaire), at least one */
  GPtrArray *catalogues;     /* (element-type PlazaCampaignCatalogue) */
  GPtrArray *organisations;  /* (element-type PlazaCampaignOrganisation) */
  GPtrArray *outcomes;       /* (element-type PlazaCampaignOutcome), in the order to try */
  guint idle_lock_minutes;
  char *asking_ends; /* "YYYY-MM-DD", NULL for never */
  char *keying_ends;
  guint retention_days;
  char *notice_version;
  char *dictionary; /* name of the zstd dictionary's file, or NULL */
} PlazaCampaign;

/**
 * plaza_campaign_parse: verifies and reads a package: key against @fingerprint, then the signature,
 * then everything else.
 * @fingerprint: (nullable): base32 in any grouping; NULL trusts the package's own key (only where a
 *   person compares the fingerprint afterwards)
 * Errors: PLAZA_ERROR_SIGNATURE, PLAZA_ERROR_INVALID, PLAZA_ERROR_LIMIT, PLAZA_ERROR_NEWER.
 */
PlazaCampaign *plaza_campaign_parse (GBytes *package, const char *fingerprint, GError **error);

/** plaza_campaign_load: plaza_campaign_parse() of a file. */
PlazaCampaign *plaza_campaign_load (const char *path, const char *fingerprint, GError **error);

PlazaCampaign *plaza_campaign_ref (PlazaCampaign *campaign);
void plaza_campaign_unref (PlazaCampaign *campaign);

/** plaza_campaign_package: Returns: (transfer none): the very bytes it was parsed from. */
GBytes *plaza_campaign_package (PlazaCampaign *campaign);

/** plaza_campaign_manifest: Returns: (transfer full): the canonical JSON as it was signed. */
GBytes *plaza_campaign_manifest (PlazaCampaign *campaign);

/** plaza_campaign_file: Returns: (transfer full): a file of the package, or PLAZA_ERROR_NOT_FOUND.
 */
GBytes *plaza_campaign_file (PlazaCampaign *campaign, const char *name, GError **error);

/** plaza_campaign_file_names: Returns: (transfer full). */
GStrv plaza_campaign_file_names (PlazaCampaign *campaign);

/** plaza_campaign_questionnaire: @version NULL for the first of that form. Returns: (nullable). */
const PlazaCampaignQuestionnaire *
plaza_campaign_questionnaire (PlazaCampaign *campaign, const char *form_id, const char *version);

/**
 * plaza_campaign_current: the questionnaires that are asked: of each form the first version that
 * the package lists; the others are there for what was begun on them. Returns: (transfer container)
 * (element-type PlazaCampaignQuestionnaire).
 */
GPtrArray *plaza_campaign_current (PlazaCampaign *campaign);

/** plaza_campaign_catalogue: loads the catalogue called @id. Returns: (transfer full). */
PlazaCatalogue *plaza_campaign_catalogue (PlazaCampaign *campaign, const char *id, GError **error);

/** plaza_campaign_dictionary: Returns: (transfer full) (nullable): the zstd dictionary, if any. */
GBytes *plaza_campaign_dictionary (PlazaCampaign *campaign);

/** plaza_campaign_is_revoked: whether the package takes @device (UUID, nullable) out of use. */
gboolean plaza_campaign_is_revoked (PlazaCampaign *campaign, const char *device);

/** plaza_campaign_organisation: Returns: (transfer none) (nullable): by id. */
const PlazaCampaignOrganisation *plaza_campaign_organisation (PlazaCampaign *campaign,
                                                              const char *id);

/**
 * PlazaCampaignBuilder: makes a package. Give the manifest as JSON (the contract's members, without
 * "files"; keys.campaign may be left out) and every file it names, then sign.
 */
typedef struct _PlazaCampaignBuilder PlazaCampaignBuilder;

PlazaCampaignBuilder *plaza_campaign_builder_new (void);
void plaza_campaign_builder_free (PlazaCampaignBuilder *builder);

/** plaza_campaign_builder_set_manifest: @manifest: a JSON object; replaces an earlier one. */
gboolean plaza_campaign_builder_set_manifest (PlazaCampaignBuilder *builder,
                                              GBytes *manifest,
                                              GError **error);

/** plaza_campaign_builder_add_file: @name: 1 to 100 characters of A-Z a-z 0-9 . _ -, no leading
 * dot. */
gboolean plaza_campaign_builder_add_file (PlazaCampaignBuilder *builder,
                                          const char *name,
                                          GBytes *content,
                                          GError **error);

/** plaza_campaign_builder_sign: the package; it is parsed back before it is returned. */
GBytes *plaza_campaign_builder_sign (PlazaCampaignBuilder *builder,
                                     const PlazaSecret *campaign_secret,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCampaign, plaza_campaign_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaCampaignBuilder, plaza_campaign_builder_free)

G_END_DECLS
