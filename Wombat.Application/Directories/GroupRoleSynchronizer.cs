using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Containers;
using Wombat.Application.Members;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Directories;
using Wombat.Domain.Members;

namespace Wombat.Application.Directories;

/// <summary>
/// Synchronizes project roles with the groups of a directory. Does not change roles from people or other directories, and does not
/// remove the last manager of a project.
/// </summary>
internal sealed class GroupRoleSynchronizer(
    IWombatDbContext db,
    ProjectSshKeys keys,
    MemberAccess access,
    AuditLog auditLog,
    TimeProvider clock
)
{
    /// <summary>
    /// Runs in the caller's transaction: locks the projects with differences, applies the changes, saves, and clears the change
    /// tracker.
    /// </summary>
    /// <param name="granted">The roles from groups, by user.</param>
    /// <param name="source">The directory's name.</param>
    /// <param name="only">The only user to synchronize; null for all members from the directory.</param>
    public async Task<GroupMemberChanges> ApplyAsync(
        RoleMappings mappings,
        IEnumerable<KeyValuePair<Guid, Grants>> granted,
        string source,
        Guid? only,
        CancellationToken cancel
    )
    {
        var total = new GroupMemberChanges(0, 0, 0, 0);
        var names = mappings.Projects;
        var projects = await db
            .Projects.AsNoTracking()
            .Where(p => names.Contains(p.UnixName) && p.DeletedAt == null)
            .OrderBy(p => p.Id)
            .Select(p => new { p.Id, p.UnixName })
            .ToListAsync(cancel);
        var required = projects.ToDictionary(p => p.UnixName, _ => new Dictionary<Guid, ProjectRole>(), StringComparer.Ordinal);
        foreach (var (user, grants) in granted)
        {
            foreach (var (project, role) in grants.Roles.Where(r => required.ContainsKey(r.Key)))
            {
                required[project][user] = role;
            }
        }

        var mapped = projects.ConvertAll(p => p.Id);
        var held = (
            await db
                .Members.AsNoTracking()
                .Where(m => mapped.Contains(m.ProjectId) && (only == null || m.UserId == only))
                .ToListAsync(cancel)
        ).ToLookup(m => m.ProjectId);
        foreach (var project in projects.Where(p => Differs(held[p.Id], required[p.UnixName], source)))
        {
            var changes = await ApplyToProjectAsync(project.Id, required[project.UnixName], source, only, cancel);
            db.Context.ChangeTracker.Clear();
            total = new GroupMemberChanges(
                total.Added + changes.Added,
                total.Changed + changes.Changed,
                total.Removed + changes.Removed,
                total.Kept + changes.Kept
            );
        }

        return total;
    }

    private static bool Differs(IEnumerable<Member> held, Dictionary<Guid, ProjectRole> required, string source)
    {
        var members = held.ToDictionary(m => m.UserId);
        return required.Any(w => !members.TryGetValue(w.Key, out var member) || member.Source == source && member.Role != w.Value)
            || members.Values.Any(m => m.Source == source && !required.ContainsKey(m.UserId));
    }

    private async Task<GroupMemberChanges> ApplyToProjectAsync(
        Guid project,
        IReadOnlyDictionary<Guid, ProjectRole> required,
        string source,
        Guid? only,
        CancellationToken cancel
    )
    {
        await db.LockProjectAsync(project, exclusive: true, cancel);
        var members = await db.Members.Where(m => m.ProjectId == project).ToDictionaryAsync(m => m.UserId, cancel);
        var added = required.Where(w => !members.ContainsKey(w.Key)).ToList();
        var own = members.Values.Where(m => m.Source == source && (only is null || m.UserId == only)).ToList();
        var removed = own.Where(m => !required.ContainsKey(m.UserId)).ToList();
        var changed = own.Where(m => required.TryGetValue(m.UserId, out var role) && role != m.Role).ToList();
        var memberIds = members.Keys.ToList();
        var active = (
            await db.Users.AsNoTracking().Where(u => memberIds.Contains(u.Id) && u.Active).Select(u => u.Id).ToListAsync(cancel)
        ).ToHashSet();
        var kept = HasOtherManager(members.Values, active, required, added, removed, changed)
            ? 0
            : removed.RemoveAll(IsManager) + changed.RemoveAll(IsManager);
        if (added.Count + removed.Count + changed.Count == 0)
        {
            return new GroupMemberChanges(0, 0, 0, kept);
        }

        var ids = added.Select(a => a.Key).Concat(removed.Select(m => m.UserId)).Concat(changed.Select(m => m.UserId)).ToList();
        var users = await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id)).ToDictionaryAsync(u => u.Id, cancel);
        foreach (var (user, role) in added)
        {
            var member = Member.Create(project, user, role, clock.GetUtcNow(), source);
            db.Members.Add(member);
            auditLog.Record(EventAction.MemberAdded, "user", user, project, after: MemberDto.Of(users[user], member));
        }

        foreach (var member in removed)
        {
            db.Members.Remove(member);
            auditLog.Record(EventAction.MemberRemoved, "user", member.UserId, project, before: MemberDto.Of(users[member.UserId], member));
        }

        foreach (var member in changed)
        {
            var before = MemberDto.Of(users[member.UserId], member);
            member.ChangeRole(required[member.UserId], source);
            auditLog.Record(
                EventAction.MemberRoleChanged,
                "user",
                member.UserId,
                project,
                before,
                MemberDto.Of(users[member.UserId], member)
            );
        }

        await keys.EnqueueUpdatesAsync([project], cancel);
        await access.EndAsync(project, [.. removed.Select(m => m.UserId)], keepTokens: false, cancel);
        await db.SaveChangesAsync(cancel);
        return new GroupMemberChanges(added.Count, changed.Count, removed.Count, kept);
    }

    private static bool IsManager(Member member) => member.Role == ProjectRole.ProjectManager;

    private static bool HasOtherManager(
        IReadOnlyCollection<Member> members,
        HashSet<Guid> active,
        IReadOnlyDictionary<Guid, ProjectRole> required,
        List<KeyValuePair<Guid, ProjectRole>> added,
        List<Member> removed,
        List<Member> changed
    ) =>
        !members.Any(m => IsManager(m) && active.Contains(m.UserId))
        || added.Any(a => a.Value == ProjectRole.ProjectManager)
        || members
            .Except(removed)
            .Any(m => active.Contains(m.UserId) && (changed.Contains(m) ? required[m.UserId] : m.Role) == ProjectRole.ProjectManager);
}
