/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "form/form.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * PlazaStore: where an unlocked profile keeps its sessions, interviews, responses and outbox. One
 * worker thread owns the database; calls queue in order. Functions block until the disk has it,
 * `_async` ones do not. Comes from plaza_profile_get_store(); main thread only.
 *
 * Everything a person typed is sealed before it reaches the database; in clear are ids, counts,
 * sizes, times and states.
 *
 * Signals, in the main context of the thread that unlocked:
 *  - `responses-changed` (GStrv ids): these responses differ; NULL: any may.
 *  - `counts-changed` (): plaza_store_get_counts() may differ.
 *  - `campaign-changed` (): plaza_store_get_campaign() is a newer package; what was begun stays on
 *    its form version.
 *  - `locked` (): keys are about to go; what was read from it must not stay on screen.
 */
#define PLAZA_TYPE_STORE (plaza_store_get_type ())
G_DECLARE_FINAL_TYPE (PlazaStore, plaza_store, PLAZA, STORE, GObject)

/** plaza_store_get_profile: (transfer none) */
PlazaProfile *plaza_store_get_profile (PlazaStore *self);
/** plaza_store_get_campaign: (transfer none): as it is now; stays valid as long as the store. Any
 * thread. */
PlazaCampaign *plaza_store_get_campaign (PlazaStore *self);

/**
 * plaza_store_get_form: (transfer full): the campaign's questionnaire, loaded once and kept; also
 * one of an earlier package of the campaign, for what was begun on it.
 * @form_id: NULL for the campaign's first; @version: NULL for the campaign's
 * Errors: PLAZA_ERROR_NOT_FOUND, plaza_form_new()'s.
 */
PlazaForm *
plaza_store_get_form (PlazaStore *self, const char *form_id, const char *version, GError **error);

/** PlazaCounts: one line for Home: "14 waiting · last delivered 12:40". Of responses. */
typedef struct
{
  guint drafts;
  guint waiting;            /* finished or ended, not delivered: packed ones included */
  guint packed;             /* of these, inside envelopes already */
  guint delivered;          /* a verified receipt says so; purged ones included */
  guint refused;            /* the central refused them; they are kept */
  guint quarantined;        /* of these, the central has them and keeps them apart */
  guint other_waiting;      /* sessions, voids and withdrawals not delivered yet */
  guint contacts_waiting;   /* sealed contacts not in an envelope yet */
  gint64 last_delivered_ms; /* 0 when never */
} PlazaCounts;

gboolean plaza_store_get_counts (PlazaStore *self, PlazaCounts *out, GError **error);

/** plaza_store_backup: a backup now, whatever the interval. */
gboolean plaza_store_backup (PlazaStore *self, GError **error);

G_END_DECLS
