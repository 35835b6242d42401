/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/error.h"
#include "store/capture.h"
#include "store/outbox.h"
#include "store/profile.h"
#include "store/response-list.h"

G_BEGIN_DECLS

/** A laptop below a temporary data root, with a campaign whose secrets the test holds. */
typedef struct
{
  char *root;
  PlazaCampaign *campaign;
  PlazaSecret *campaign_secret;
  PlazaSecret *central_sign;
  PlazaSecret *central_seal;
  PlazaSecret *custody;
  PlazaSecret *recovery;
  char *keys[5]; /* texts of the manifest's public keys */
} Laptop;

#define LAPTOP_PASSPHRASE "cinco palabras que nadie adivina"

Laptop *laptop_new (void);
void laptop_free (Laptop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Laptop, laptop_free)

/** laptop_make_campaign: a package of the same campaign with that serial and form version, in which
 * /data/obs is called /data/comentario and /data/aviso/acepta /data/aviso/consiente unless it is
 * 7. (transfer full) */
PlazaCampaign *laptop_make_campaign (Laptop *self, const char *version, guint serial);
/** laptop_renew_campaign: a newer package of the same campaign, with that form version. */
void laptop_renew_campaign (Laptop *self, const char *version);

/** laptop_profile: a new enrolled profile, unlocked. */
PlazaProfile *laptop_profile (Laptop *self, const char *name);
/** laptop_unlock: the profile of that id again. */
PlazaProfile *laptop_unlock (Laptop *self, const char *id);
/** laptop_session: an open field session. */
PlazaSession *laptop_session (PlazaProfile *profile);
/** laptop_start: a new interview in the current session. */
PlazaCapture *laptop_start (PlazaProfile *profile);
/** laptop_answer: by positional ref; must be taken and saved. */
void laptop_answer (PlazaCapture *capture, const char *ref, const char *value);
/** laptop_value: of a field. (transfer none) */
const char *laptop_value (PlazaCapture *capture, const char *ref);
/** laptop_fill: every answer that finishing needs; @words is in the open ones. */
void laptop_fill (PlazaCapture *capture, const char *words);
/** laptop_respond: one finished response. (transfer full): its id */
char *laptop_respond (PlazaProfile *profile, const char *words);
/** laptop_respond_with_contact: and a contact of that name. */
char *laptop_respond_with_contact (PlazaProfile *profile, const char *words, const char *name);

/** laptop_xml: the newest revision's submission. (transfer full) */
char *laptop_xml (PlazaProfile *profile, const char *response);
PlazaResponseState laptop_state (PlazaProfile *profile, const char *response);

/** laptop_open: the entries of an envelope of the outbox. (element-type PlazaEntry) */
GPtrArray *laptop_open (Laptop *self, PlazaProfile *profile, const PlazaOutboxItem *item);
/** laptop_receipt: signed by the central. @status: of every entry */
GBytes *laptop_receipt (Laptop *self, const PlazaOutboxItem *item, guint n, guint8 status);
/** laptop_deliver: packs, answers everything with receipts and absorbs them. Number of entries. */
guint laptop_deliver (Laptop *self, PlazaProfile *profile, PlazaPackFlags flags);

/** laptop_find: how many files below @root hold @words. */
guint laptop_find (const char *root, const char *words);

G_END_DECLS
