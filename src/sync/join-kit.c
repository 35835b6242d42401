/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/join-kit.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

void
plaza_join_kit_clear (PlazaJoinKit *self)
{
  g_clear_pointer (&self->campaign, plaza_campaign_unref);
  g_clear_pointer (&self->list, g_bytes_unref);
  plaza_invitation_clear (&self->invitation);
}

/* More than these a stick has only to harm. */
#define MAX_CAMPAIGNS 16
#define MAX_LISTS 64

/* Looking */

typedef struct
{
  GPtrArray *campaigns; /* (element-type PlazaCampaign), one a fingerprint, the newest */
  GPtrArray *lists;     /* (element-type GBytes) */
  guint names;
  gboolean damaged; /* some file called a package is none */
} Search;

static void
keep_newest (Search *search, PlazaCampaign *campaign)
{
  for (guint i = 0; i < search->campaigns->len; i++)
    {
      PlazaCampaign *known = g_ptr_array_index (search->campaigns, i);

      if (strcmp (known->fingerprint, campaign->fingerprint) != 0)
        continue;
      if (campaign->serial > known->serial)
        {
          search->campaigns->pdata[i] = campaign;
          campaign = known;
        }
      plaza_campaign_unref (campaign);
      return;
    }
  if (search->campaigns->len < MAX_CAMPAIGNS)
    g_ptr_array_add (search->campaigns, campaign);
  else
    plaza_campaign_unref (campaign);
}

static void
look_at (Search *search, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (g_str_has_suffix (path, PLAZA_JOIN_KIT_PACKAGE))
    {
      PlazaCampaign *campaign = plaza_campaign_load (path, NULL, &error);

      if (campaign != NULL)
        keep_newest (search, campaign);
      else
        search->damaged = TRUE;
    }
  else if (g_str_has_suffix (path, PLAZA_JOIN_KIT_INVITATIONS) && search->lists->len < MAX_LISTS)
    {
      GBytes *list = plaza_file_read (path, PLAZA_INVITATIONS_MAX_BYTES, &error);

      if (list != NULL)
        g_ptr_array_add (search->lists, list);
    }
  if (error != NULL)
    g_debug ("passed over while looking for a campaign: %s", error->message);
}

/* FALSE when @path cannot be listed; folders are entered without following links. */
static gboolean
look_below (Search *search, int parent, const char *name, const char *path, guint depth)
{
  int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  const struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  while (search->names < PLAZA_JOIN_KIT_MAX_NAMES && (entry = readdir (dir)) != NULL)
    {
      g_autofree char *child = NULL;
      struct stat status;

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      search->names++;
      if (fstatat (fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      child = g_build_filename (path, entry->d_name, NULL);
      if (S_ISREG (status.st_mode))
        look_at (search, child);
      else if (S_ISDIR (status.st_mode) && depth > 1)
        look_below (search, fd, entry->d_name, child, depth - 1);
    }
  closedir (dir);
  return TRUE;
}

/* Choosing */

/* What the lists for @campaign say about the code. */
static PlazaJoinKitVerdict
ask_lists (Search *search, PlazaCampaign *campaign, const char *code, PlazaJoinKit *out)
{
  PlazaJoinKitVerdict verdict = PLAZA_JOIN_KIT_NO_INVITATIONS;

  for (guint i = 0; i < search->lists->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (search->lists, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (PlazaInvitations) list = plaza_invitations_parse (bytes, campaign, &error);

      if (list == NULL)
        {
          if (!g_error_matches (error, PLAZA_ERROR, PLAZA_ERROR_NOT_FOUND) &&
              verdict == PLAZA_JOIN_KIT_NO_INVITATIONS)
            verdict = PLAZA_JOIN_KIT_DAMAGED;
          continue;
        }
      verdict = PLAZA_JOIN_KIT_CODE_UNKNOWN;
      if (!plaza_invitations_open (list, code, &out->invitation, &error))
        continue;
      out->list = g_bytes_ref (bytes);
      return out->invitation.expires_ms > plaza_clock_now_ms () ? PLAZA_JOIN_KIT_GOOD
                                                                : PLAZA_JOIN_KIT_CODE_EXPIRED;
    }
  return verdict;
}

static gboolean
is_wanted (PlazaCampaign *campaign, const char *fingerprint)
{
  return fingerprint == NULL || strcmp (campaign->fingerprint, fingerprint) == 0;
}

static PlazaJoinKitVerdict
choose (Search *search, const char *fingerprint, const char *code, PlazaJoinKit *out)
{
  PlazaJoinKitVerdict verdict = PLAZA_JOIN_KIT_FOREIGN;
  PlazaCampaign *candidate = NULL;
  guint candidates = 0;

  if (search->campaigns->len == 0)
    return search->damaged ? PLAZA_JOIN_KIT_DAMAGED : PLAZA_JOIN_KIT_NO_PACKAGE;
  for (guint i = 0; i < search->campaigns->len; i++)
    {
      PlazaCampaign *campaign = g_ptr_array_index (search->campaigns, i);
      PlazaJoinKitVerdict here;

      if (!is_wanted (campaign, fingerprint))
        continue;
      here = ask_lists (search, campaign, code, out);
      if (out->list != NULL)
        {
          out->campaign = plaza_campaign_ref (campaign);
          return here;
        }
      /* An unknown code says more than a list that is missing for another campaign. */
      if (candidates++ == 0 || here == PLAZA_JOIN_KIT_CODE_UNKNOWN)
        verdict = here;
      candidate = campaign;
    }
  if (candidates == 1)
    out->campaign = plaza_campaign_ref (candidate);
  return verdict;
}

PlazaJoinKitVerdict
plaza_join_kit_find (const char *folder,
                     const char *fingerprint,
                     const char *code,
                     PlazaJoinKit *out)
{
  g_autoptr (GPtrArray) campaigns =
      g_ptr_array_new_with_free_func ((GDestroyNotify) plaza_campaign_unref);
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Search search = { .campaigns = campaigns, .lists = lists };

  /* The folder itself was chosen by a person: it may be reached through a link. */
  g_autofree char *real = realpath (folder, NULL);

  if (real == NULL || !look_below (&search, AT_FDCWD, real, real, PLAZA_JOIN_KIT_DEPTH))
    return PLAZA_JOIN_KIT_NO_FOLDER;
  return choose (&search, fingerprint, code, out);
}
