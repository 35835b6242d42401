/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-server.h"
#include "store/profile.h"

G_BEGIN_DECLS

/**
 * FakeCentral: a central in memory behind a FakeServer, which can be told to lie. What it keeps it
 * opened with its own key, so that a test can count exactly what arrived.
 */
typedef struct _FakeCentral FakeCentral;

typedef enum
{
  LIE_NONE,
  LIE_HTML,           /* 200, a page */
  LIE_REDIRECT,       /* 302 */
  LIE_OK_JSON,        /* 200 {"ok":true} */
  LIE_GARBAGE,        /* the right type, bytes that are no receipt */
  LIE_FORGED,         /* a receipt signed by somebody else */
  LIE_OTHER_ENVELOPE, /* a true receipt about another envelope */
  LIE_SHORT,          /* a true receipt with one entry less */
  LIE_TRUNCATED,      /* a true receipt cut in the middle, as if it were whole */
  LIE_SWALLOW,        /* takes everything in, then cuts the connection */
  LIE_HALF_READ,      /* cuts before taking anything in */
  LIE_BUSY,           /* 503 busy */
  LIE_TOKEN,          /* 401 */
  LIE_DIGEST,         /* the first piece is said to be damaged */
  LIE_REFUSE,         /* 422 to the first envelope it ever saw, honest to others */
  N_LIES,
} FakeLie;

FakeCentral *fake_central_new (void);
void fake_central_free (FakeCentral *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeCentral, fake_central_free)

FakeServer *fake_central_server (FakeCentral *self);
PlazaCampaign *fake_central_campaign (FakeCentral *self);
/** fake_central_link: a join link with a code of its own. (transfer full) */
char *fake_central_link (FakeCentral *self);

/**
 * fake_central_kit: writes @folder/campaign.plzcmp and @folder/invitations.plzinv with one
 * invitation, for "Rufina" with batch R7. @expires_ms: when it does. @signer: (nullable): whose
 * secret signs the list instead. (transfer full): its code
 */
char *fake_central_kit (FakeCentral *self,
                        const char *folder,
                        gint64 expires_ms,
                        const PlazaSecret *signer);

void fake_central_lie (FakeCentral *self, FakeLie lie);
/** fake_central_lie_at_random: each request is swallowed, half read or answered, by chance. */
void fake_central_lie_at_random (FakeCentral *self, gboolean on);
/** fake_central_enrol_then_cut: the next enrolment is taken and its answer lost. */
void fake_central_enrol_then_cut (FakeCentral *self);

/** fake_central_expire_tokens: no token is good any more; a device gets a new one by its key. */
void fake_central_expire_tokens (FakeCentral *self);
/** fake_central_revoke: every device is, or none. */
void fake_central_revoke (FakeCentral *self, gboolean revoked);
/** fake_central_publish: a package with @serial is what it answers from now on, with a file of
 * @ballast in it, or NULL. */
void fake_central_publish (FakeCentral *self, gint64 serial, GBytes *ballast);
/** fake_central_published: that package. (transfer none) */
GBytes *fake_central_published (FakeCentral *self);

/** fake_central_drop_uploads: the pieces that it has. */
void fake_central_drop_uploads (FakeCentral *self);

/** FakeCounts: requests that reached it whole. */
typedef struct
{
  guint requests;
  guint64 bytes; /* of them, heads included */
  guint probes;
  guint asked; /* for the offset of an upload */
  guint pieces;
  guint64 piece_bytes;
  guint renewals;
  guint registrations;
} FakeCounts;

FakeCounts fake_central_counts (FakeCentral *self);

/* What it holds. */
guint fake_central_n_entries (FakeCentral *self);
guint fake_central_n_envelopes (FakeCentral *self);
guint fake_central_n_repeats (FakeCentral *self); /* envelopes that came again */
guint fake_central_n_devices (FakeCentral *self);
/** fake_central_xml: the submission of a revision, by its id. (transfer full) (nullable) */
GBytes *fake_central_xml (FakeCentral *self, const char *revision);

/* A laptop that belongs to it. */

/** fake_laptop_root: a new, empty data root. fake_laptop_remove() deletes it. (transfer full) */
char *fake_laptop_root (void);
void fake_laptop_remove (const char *root);
#define FAKE_PASSPHRASE "cinco palabras que nadie adivina"
/** fake_laptop_profile: made and enrolled without the network, unlocked. */
PlazaProfile *fake_laptop_profile (FakeCentral *self, const char *root, const char *name);
/** fake_laptop_respond: @n finished responses in a new field session. */
void fake_laptop_respond (PlazaProfile *profile, guint n);
/** fake_laptop_respond_at_length: as above, each with so many random characters. */
void fake_laptop_respond_at_length (PlazaProfile *profile, guint n, guint length);

G_END_DECLS
