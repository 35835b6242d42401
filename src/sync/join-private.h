/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sync/client.h"
#include "sync/join.h"

G_BEGIN_DECLS

struct _PlazaJoin
{
  GObject parent_instance;

  char *data_root;
  PlazaJoinLink *link;
  GBytes *package;
  char *folder;
  PlazaCampaign *campaign;
  PlazaJoinKit kit; /* with an invitation when it is joined without a connection */
  PlazaJoinKitVerdict verdict;
  PlazaClient *client; /* of the step that is on */

  /* A run that is on. */
  char *name;
  char *passphrase;
  PlazaProfile *profile;

  char *message;
  double progress;
  gboolean clock_doubt;
};

/** plaza_join_say: what it is doing now, and how far it is. */
void plaza_join_say (PlazaJoin *self, double progress, const char *message);

/** plaza_join_judge_clock: by what the central answered the client of this step. */
void plaza_join_judge_clock (PlazaJoin *self);

/** plaza_join_own_folder: (transfer full): where invitations of an earlier joining lie, next to the
 * packages. */
char *plaza_join_own_folder (PlazaJoin *self);

G_END_DECLS
