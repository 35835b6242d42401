/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire/invitation.h"

G_BEGIN_DECLS

/** What a coordinator hands out on a stick: the campaign's package and its invitations. */

#define PLAZA_JOIN_KIT_PACKAGE ".plzcmp"
#define PLAZA_JOIN_KIT_INVITATIONS ".plzinv"
/** Looking goes at most so deep below the folder, and at most past so many names. */
#define PLAZA_JOIN_KIT_DEPTH 4
#define PLAZA_JOIN_KIT_MAX_NAMES 20000u

typedef enum
{
  PLAZA_JOIN_KIT_GOOD,
  PLAZA_JOIN_KIT_NO_FOLDER,      /* it is not there, or cannot be read */
  PLAZA_JOIN_KIT_NO_PACKAGE,     /* no campaign package below it */
  PLAZA_JOIN_KIT_DAMAGED,        /* there is one, or a list, but cut or changed */
  PLAZA_JOIN_KIT_FOREIGN,        /* packages of other campaigns only */
  PLAZA_JOIN_KIT_NO_INVITATIONS, /* a package, but no list of invitations for it */
  PLAZA_JOIN_KIT_CODE_UNKNOWN,   /* the lists have no invitation with this code */
  PLAZA_JOIN_KIT_CODE_EXPIRED,   /* it has, but its time is over by this computer's clock */
  PLAZA_JOIN_KIT_CODE_HERE,      /* another profile of this computer joined with it */
} PlazaJoinKitVerdict;

/** PlazaJoinKit: the newest package with the invitation that a code opens. */
typedef struct
{
  PlazaCampaign *campaign;    /* NULL unless there is one for the invitation, or only one at all */
  PlazaInvitation invitation; /* empty unless the code opened it */
  GBytes *list;               /* the file that it is from, or NULL */
} PlazaJoinKit;

void plaza_join_kit_clear (PlazaJoinKit *self);

/**
 * plaza_join_kit_find: looks for both below @folder by the ends of their names, in any depth up to
 * PLAZA_JOIN_KIT_DEPTH. No link is followed and nothing but regular files is opened; files that are
 * neither are passed over. Blocks; any thread.
 * @fingerprint: (nullable): the campaign it must be; NULL: the one that the code opens
 * @code: as a person typed it
 * @out: zero-initialised; filled as far as it was found, whatever the verdict
 */
PlazaJoinKitVerdict plaza_join_kit_find (const char *folder,
                                         const char *fingerprint,
                                         const char *code,
                                         PlazaJoinKit *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaJoinKit, plaza_join_kit_clear)

G_END_DECLS
