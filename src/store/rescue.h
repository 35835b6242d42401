/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/error.h"
#include "store/data.h"
#include "store/hand-in.h"

G_BEGIN_DECLS

/**
 * Rescue: what can be saved from the disk of a broken laptop, a safe copy, a backup folder or a
 * copied database. Nothing is written where it looks. Sealed envelopes are taken along as carried
 * (store/carried.h) without any key, also those that only a damaged database still has. With the
 * recovery key what waited unsealed is put into envelopes by the profile's own device key, and
 * drafts are listed, ended, or brought back as a profile.
 */

typedef enum
{
  PLAZA_RESCUE_LIST_DRAFTS,  /* they stay where they are */
  PLAZA_RESCUE_END_DRAFTS,   /* each ends as partial and is taken along */
  PLAZA_RESCUE_BRING_PROFILE /* the profile comes to this data root under a new passphrase, drafts
                                and all, each with its own response id */
} PlazaRescueDrafts;

typedef struct
{
  const PlazaSecret *recovery; /* (nullable): the campaign's recovery secret */
  PlazaRescueDrafts drafts;    /* anything but listing needs the recovery secret */
  const char *passphrase;      /* for PLAZA_RESCUE_BRING_PROFILE */
} PlazaRescueOptions;

/** PlazaRescueProfile: one profile that was found. */
typedef struct
{
  char *path; /* of its folder, or of the database file */
  char *id;   /* "" when neither keyfile nor folder say it */
  char *name; /* of the person; "" when there is no keyfile */
  gboolean has_keyfile;
  gboolean has_database; /* something could be read of it */
  PlazaRepair repair;    /* of a damaged database; all zero when it is sound */
  gboolean repaired;
  gboolean opened;  /* by the recovery key */
  gboolean brought; /* it is a profile of this data root now */
  guint drafts;     /* unfinished interviews found */
  guint ended;      /* of these, ended as partial now */
  guint unsealed;   /* facts without an envelope that stay behind, for want of the key */
  guint contacts;   /* 1: contacts may stay behind; only the key tells whether there are any */
  PlazaUnreadable unreadable; /* of the profile, when it was opened: it stays behind */
  guint sealed;               /* envelopes made of such facts now */
  GPtrArray *folios;          /* (element-type utf8): of drafts, when it was opened */
  char *problem;              /* developer text: why not more, or NULL */
  PlazaError problem_code;    /* with it: NOT_FOUND: its campaign is not here; PASSPHRASE: not its
                               * recovery key; EXISTS: it is a profile of this laptop already */
} PlazaRescueProfile;

/** PlazaRescueReport: found = taken + here + delivered + refused. */
typedef struct
{
  guint found;         /* envelopes, each counted once */
  guint taken;         /* carried now */
  guint here;          /* on this laptop already */
  guint delivered;     /* the central has it: a receipt is known */
  guint refused;       /* damaged, or of a campaign that nothing is known of */
  guint foreign;       /* of these, the latter: whole, and good where that campaign is known */
  guint receipts;      /* taken along */
  guint registrations; /* of devices that the central may not know, taken along */
  GPtrArray *profiles; /* PlazaRescueProfile */
} PlazaRescueReport;

void plaza_rescue_report_clear (PlazaRescueReport *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaRescueReport, plaza_rescue_report_clear)

/**
 * plaza_rescue_run: looks below @from, at most PLAZA_RESCUE_DEPTH folders deep and without
 * following links, or at the one file that it is. What can be taken is taken even when other things
 * fail.
 * Errors: PLAZA_ERROR_NOT_FOUND (@from is not there), PLAZA_ERROR_DISK (this laptop's),
 * PLAZA_ERROR_PASSPHRASE (the new one is refused; nothing was brought).
 */
#define PLAZA_RESCUE_DEPTH 9

gboolean plaza_rescue_run (const char *data_root,
                           const char *from,
                           const PlazaRescueOptions *options,
                           PlazaRescueReport *out,
                           GError **error);

G_END_DECLS
