/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/central.h"
#include "central/intake.h"

/*
 * What the tests of the central stand on: a PostgreSQL cluster of their own, a central in a
 * temporary directory with a small campaign, and laptops that joined it.
 */

/** fixture_databases: "sqlite" and, when it is installed, "postgresql"; NULL-terminated. */
const char *const *fixture_databases (void);

/** fixture_stop: stops the cluster; call it last. */
void fixture_stop (void);

/** fixture_kill_postgresql: kills the cluster and starts it again; returns when it answers. */
void fixture_kill_postgresql (void);

typedef struct
{
  char *directory;
  PlazaCentral *central;
  PlazaStorage *storage; /* open to write */
  PlazaSecret *campaign_secret;
  PlazaSecret *custody;
  PlazaCampaign *campaign;
} Fixture;

/** fixture_new: a central on @database, of an engine that fixture_databases() named. */
Fixture *fixture_new (const char *database);
void fixture_free (Fixture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

/**
 * fixture_add_campaign: one more campaign of the same central. The fixture's custody key becomes
 * that of this one. Returns: (transfer full).
 */
PlazaCampaign *fixture_add_campaign (Fixture *self, PlazaSecret **secret);

/** fixture_set_version: a newer package of the campaign, whose form has another version. */
void fixture_set_version (Fixture *self, const char *version);

/** fixture_remove: @path with everything below it. */
void fixture_remove (const char *path);

/* A laptop that joined. */
typedef struct
{
  Fixture *fixture;
  char *id;
  char *token;
  char *batch;
  char *person;
  PlazaPublicKey key;
  PlazaSecret *secret;
  guint64 sequence; /* of its last entry */
} Laptop;

/** laptop_new: a facilitator's, in the fixture's campaign. */
Laptop *laptop_new (Fixture *fixture, const char *person, const char *organisation);
Laptop *laptop_new_as (Fixture *fixture,
                       PlazaCampaign *campaign,
                       const char *person,
                       const char *organisation,
                       const char *role);
void laptop_free (Laptop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Laptop, laptop_free)

/* What an interview leaves; fields may be changed before laptop_revision(). */
void laptop_header (Laptop *self, PlazaHeader *out);
/** laptop_xml: a submission of the small form with @text as its problem in two topics. */
GBytes *laptop_xml (const char *text);
/** laptop_revision: takes the next sequence. */
PlazaEntry *laptop_revision (Laptop *self, const PlazaHeader *header, const char *text);
/** laptop_response: a new response with @text. @response, @revision: (out) (nullable): their ids */
PlazaEntry *laptop_response (Laptop *self, const char *text, char **response, char **revision);
PlazaEntry *
laptop_removal (Laptop *self, PlazaEntryKind kind, const char *response, const char *folio);
PlazaEntry *laptop_contact (Laptop *self, const char *text);

/** laptop_pack: seals @entry, … (PlazaEntry, taken), ended by NULL, into an envelope. */
GBytes *laptop_pack (Laptop *self, PlazaEntry *entry, ...) G_GNUC_NULL_TERMINATED;
GBytes *laptop_pack_all (Laptop *self, GPtrArray *entries);

/** fixture_look_ahead: as the writer does before plaza_intake_store(), inside a transaction. */
void fixture_look_ahead (Fixture *self, PlazaIntake *intake);

/** fixture_take: opens and stores @envelope as the server would. Returns its receipt. */
PlazaReceipt *fixture_take (Fixture *self, GBytes *envelope);

/** fixture_try: as fixture_take(), for what is refused. */
PlazaResult fixture_try (Fixture *self, GBytes *envelope);

/** fixture_sql: runs @script behind the central's back. */
void fixture_sql (Fixture *self, const char *script);
