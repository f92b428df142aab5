using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Directories;

/// <summary>
/// Synchronizes users and the roles from their groups with the directory. The directory is read completely before anything is
/// changed, and all changes are one transaction. After any failure the next run does the whole work.
/// </summary>
internal sealed class DirectorySyncJob(
    IWombatDbContext db,
    IDirectory directory,
    GroupRoleSynchronizer members,
    ProjectSshKeys keys,
    UserCredentials credentials,
    RemainingAdmins admins,
    AuditLog auditLog,
    AutoMapper.IMapper mapper,
    TimeProvider clock
) : IJobHandler
{
    public static readonly TypedJobKind<DirectorySyncJobArgs> Kind = new("directory.sync", Permission.UserManage);

    private const int Chunk = 1000;
    private const int MaxLines = 200;

    public async Task RunAsync(JobRun run, CancellationToken cancel)
    {
        var dryRun = Kind.ArgumentsOf(run).DryRun;
        var contents = await ReadAsync(cancel);
        var known = await KnownAsync(cancel);
        var subjects = known.Select(k => k.Id).ToHashSet();
        var others = (await db.Users.AsNoTracking().Select(u => new { u.Id, u.Login }).ToListAsync(cancel))
            .Where(u => !subjects.Contains(u.Id))
            .Select(u => u.Login)
            .ToHashSet(StringComparer.Ordinal);
        var plan = new DirectoryPlan(contents, known, others, directory.Mappings);
        await WriteReportAsync(plan, [.. contents.Warnings, .. await FindUnknownProjectsAsync(cancel)], run.Log, cancel);
        EnsurePlausible(plan, known);
        await EnsureGroupsFoundAsync(contents, known, cancel);
        var report = await ApplyAsync(plan, contents, known, dryRun, cancel);
        await run.Log.WriteAsync($"{(dryRun ? "dry run, no changes: " : "")}{report}", cancel);
    }

    private async Task<DirectoryContents> ReadAsync(CancellationToken cancel)
    {
        if (!directory.IsConfigured)
        {
            throw new JobFailedException(ErrorCode.DirectoryNotConfigured, "No LDAP directory is configured.");
        }

        return await directory.ReadAsync(cancel);
    }

    private Task<List<KnownUser>> KnownAsync(CancellationToken cancel) =>
        (
            from i in db.Identities.AsNoTracking()
            where i.Issuer == ExternalIdentity.Ldap
            join u in db.Users.AsNoTracking() on i.UserId equals u.Id
            select new KnownUser(u.Id, i.Subject, u.Login, new UserProfile(u.Email, u.FullName, u.PlatformRole, u.Active), i.VanishedAt)
        ).ToListAsync(cancel);

    private void EnsurePlausible(DirectoryPlan plan, List<KnownUser> known)
    {
        var present = known.Count(k => k.Profile.Active);
        var allowed = (int)Math.Ceiling(present * directory.MaxDeactivatePercent / 100.0);
        if (plan.Vanished.Count > allowed)
        {
            throw new JobFailedException(
                ErrorCode.TooManyVanished,
                $"{plan.Vanished.Count} of {present} users have vanished from the directory, more than ldap.max_deactivate_percent allows ({allowed}). Nothing is changed; check the directory and the settings."
            );
        }
    }

    // Missing read access or a wrong base looks like a directory without groups, and would remove all roles.
    private async Task EnsureGroupsFoundAsync(DirectoryContents contents, List<KnownUser> known, CancellationToken cancel)
    {
        var given = contents.Groups.Any(g => g.Members.Count > 0)
            ? 0
            : await db.Members.CountAsync(m => m.Source == ExternalIdentity.Ldap, cancel)
                + (directory.Mappings.DecideAdmins ? known.Count(k => k.Profile.PlatformRole == PlatformRole.Admin) : 0);
        if (given > 0)
        {
            throw new JobFailedException(
                ErrorCode.NoGroups,
                $"The directory returns no groups with members, but {given} roles come from its groups. Nothing is changed; check ldap.group_base, ldap.group_filter and the rights of ldap.bind_dn."
            );
        }
    }

    private async Task<DirectoryReport> ApplyAsync(
        DirectoryPlan plan,
        DirectoryContents contents,
        List<KnownUser> known,
        bool dryRun,
        CancellationToken cancel
    )
    {
        DirectoryReport? report = null;
        try
        {
            return await db.InTransactionAsync(
                async token =>
                {
                    var ids = known.ToDictionary(k => k.Subject, k => k.Id, StringComparer.Ordinal);
                    var hadAdmin = await admins.ExistBesidesAsync(Guid.Empty, token);
                    await UseTemporaryLoginsAsync(plan, token);
                    await CreateAsync(plan, ids, token);
                    await ChangeAsync(plan, token);
                    await DeactivateAsync(plan, token);
                    var roles = await members.ApplyAsync(
                        directory.Mappings,
                        plan.Grants.Where(g => ids.ContainsKey(g.Key)).Select(g => KeyValuePair.Create(ids[g.Key], g.Value)),
                        ExternalIdentity.Ldap,
                        only: null,
                        token
                    );
                    report = new DirectoryReport(
                        contents.Users.Count,
                        contents.Groups.Count,
                        plan.Created.Count,
                        plan.Changed.Count,
                        plan.Vanished.Count,
                        roles.Added,
                        roles.Changed,
                        roles.Removed,
                        roles.Kept,
                        plan.Skipped.Count
                    );
                    if (!report.IsEmpty)
                    {
                        auditLog.Record(EventAction.DirectorySynced, "directory", Guid.Empty, projectId: null, after: report);
                        await db.SaveChangesAsync(token);
                    }

                    if (hadAdmin && !await admins.ExistBesidesAsync(Guid.Empty, token) && !await admins.HasFirstAdminTokenAsync(token))
                    {
                        throw new JobFailedException(
                            ErrorCode.LastAdmin,
                            "The synchronization would leave no active admin. No changes were made. Check the groups with the admin role."
                        );
                    }

                    return dryRun ? throw new DryRunRollbackException() : report;
                },
                cancel
            );
        }
        catch (DryRunRollbackException)
        {
            db.Context.ChangeTracker.Clear();
            return report!;
        }
    }

    // Logins can be swapped in one run, but must be unique at any time.
    private async Task UseTemporaryLoginsAsync(DirectoryPlan plan, CancellationToken cancel)
    {
        foreach (var chunk in plan.Changed.Where(c => c.Login is not null).Select(c => c.Known.Id).Chunk(Chunk))
        {
            await db
                .Users.Where(u => chunk.Contains(u.Id))
                .ExecuteUpdateAsync(s => s.SetProperty(u => u.Login, u => "renamed-" + u.Id.ToString()), cancel);
        }
    }

    private async Task CreateAsync(DirectoryPlan plan, Dictionary<string, Guid> ids, CancellationToken cancel)
    {
        foreach (var chunk in plan.Created.Chunk(Chunk))
        {
            foreach (var (entry, login, profile) in chunk)
            {
                var user = User.Create(login, profile, clock.GetUtcNow());
                ids[entry.Id] = user.Id;
                db.Users.Add(user);
                db.Identities.Add(ExternalIdentity.Create(ExternalIdentity.Ldap, entry.Id, user.Id, clock.GetUtcNow()));
                auditLog.Record(EventAction.UserCreated, "user", user.Id, projectId: null, after: mapper.Map<Users.UserDto>(user));
            }

            await SaveChunkAsync(cancel);
        }
    }

    private async Task ChangeAsync(DirectoryPlan plan, CancellationToken cancel)
    {
        foreach (var chunk in plan.Changed.Chunk(Chunk))
        {
            var (users, identities) = await LoadAsync(chunk.Select(c => c.Known), cancel);
            foreach (var (known, login, profile) in chunk)
            {
                var user = users[known.Id];
                user.Rename(known.Login);
                var before = mapper.Map<Users.UserDto>(user);
                user.Rename(login ?? known.Login);

                user.Update(profile, clock.GetUtcNow());
                identities[known.Subject].Return();
                auditLog.Record(EventAction.UserUpdated, "user", user.Id, projectId: null, before, mapper.Map<Users.UserDto>(user));
            }

            await keys.EnqueueUpdatesForUsersAsync(
                [.. chunk.Where(c => c.Profile.Active != c.Known.Profile.Active).Select(c => c.Known.Id)],
                cancel
            );
            await SaveChunkAsync(cancel);
        }
    }

    private async Task DeactivateAsync(DirectoryPlan plan, CancellationToken cancel)
    {
        foreach (var chunk in plan.Vanished.Chunk(Chunk))
        {
            var (users, identities) = await LoadAsync(chunk, cancel);
            foreach (var known in chunk)
            {
                var user = users[known.Id];
                var before = mapper.Map<Users.UserDto>(user);
                user.Update(known.Profile with { Active = false }, clock.GetUtcNow());
                identities[known.Subject].Vanish(clock.GetUtcNow());
                auditLog.Record(EventAction.UserDeactivated, "user", user.Id, projectId: null, before, mapper.Map<Users.UserDto>(user));
            }

            await credentials.RevokeAllAsync([.. users.Keys], cancel);
            await keys.EnqueueUpdatesForUsersAsync([.. users.Keys], cancel);
            await SaveChunkAsync(cancel);
        }
    }

    private async Task<(Dictionary<Guid, User> Users, Dictionary<string, ExternalIdentity> Identities)> LoadAsync(
        IEnumerable<KnownUser> known,
        CancellationToken cancel
    )
    {
        var (ids, subjects) = (known.Select(k => k.Id).ToList(), known.Select(k => k.Subject).ToList());
        return (
            await db.Users.Where(u => ids.Contains(u.Id)).ToDictionaryAsync(u => u.Id, cancel),
            await db
                .Identities.Where(i => i.Issuer == ExternalIdentity.Ldap && subjects.Contains(i.Subject))
                .ToDictionaryAsync(i => i.Subject, StringComparer.Ordinal, cancel)
        );
    }

    private async Task SaveChunkAsync(CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        db.Context.ChangeTracker.Clear();
    }

    private async Task<IEnumerable<string>> FindUnknownProjectsAsync(CancellationToken cancel)
    {
        var names = directory.Mappings.Projects;
        var existing = await db
            .Projects.AsNoTracking()
            .Where(p => names.Contains(p.UnixName) && p.DeletedAt == null)
            .Select(p => p.UnixName)
            .ToListAsync(cancel);
        return names.Except(existing, StringComparer.Ordinal).Select(n => $"ldap.roles names the project {n}, which does not exist");
    }

    private static async Task WriteReportAsync(DirectoryPlan plan, IReadOnlyList<string> warnings, IJobLog log, CancellationToken cancel)
    {
        var lines = warnings
            .Select(w => $"warning: {w}")
            .Concat(plan.Skipped.Select(p => $"skipped: {p}"))
            .Concat(plan.Vanished.Select(v => $"vanished: {v.Login}"))
            .Concat(
                plan.Changed.Select(c =>
                    $"changed: {c.Known.Login}{(c.Login is null ? "" : $", now {c.Login}")}{(c.Known.VanishedAt is null ? "" : ", found again")}"
                )
            )
            .Concat(plan.Created.Select(c => $"new: {c.Login}"))
            .ToList();
        foreach (var line in lines.Take(MaxLines))
        {
            await log.WriteAsync(line, cancel);
        }

        if (lines.Count > MaxLines)
        {
            await log.WriteAsync($"… and {lines.Count - MaxLines} more", cancel);
        }
    }

    /// <summary>Rolls back the transaction of a dry run.</summary>
    private sealed class DryRunRollbackException : Exception;
}
