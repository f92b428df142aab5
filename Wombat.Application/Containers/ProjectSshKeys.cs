using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Plugins;
using Wombat.Domain.Access;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;
using Wombat.Domain.Plugins;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

namespace Wombat.Application.Containers;

/// <summary>
/// The SSH keys of a project's containers: those of the active members who may operate containers, and those given in the
/// container's request, as long as their owner may operate it.
/// </summary>
public sealed class ProjectSshKeys(
    IWombatDbContext db,
    PluginRegistry plugins,
    IPluginMonitor monitor,
    JobScheduler jobs,
    TimeProvider clock
)
{
    /// <summary>The name of the job kind that updates the keys of a container.</summary>
    public static string UpdateJob => SshKeysJob.Kind.Name;

    /// <summary>All keys of the container; only those of its request when the template takes no keys.</summary>
    internal async Task<ContainerKeys> ForContainerAsync(Container container, CancellationToken cancel) =>
        (await ForContainersAsync([container], cancel))[container.Id];

    /// <summary>The digests of the required keys, for containers whose keys can be replaced while they run.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> DigestsAsync(IReadOnlyList<Container> containers, CancellationToken cancel)
    {
        var changeable = new List<Container>();
        foreach (var container in containers)
        {
            if (await CanChangeAsync(container, cancel))
            {
                changeable.Add(container);
            }
        }

        return (await ForContainersAsync(changeable, cancel)).ToDictionary(k => k.Key, k => k.Value.Digest);
    }

    /// <summary>Whether the container's keys can be replaced while it runs.</summary>
    public async Task<bool> CanChangeAsync(Container container, CancellationToken cancel) =>
        plugins.Get(container.Plugin) is ISetsKeys && await TemplateAsync(container, cancel) is { ChangesSshKeys: true };

    /// <summary>Enqueues key updates for the containers of the projects. They run after the caller's transaction.</summary>
    public async Task EnqueueUpdatesAsync(IReadOnlyCollection<Guid> projects, CancellationToken cancel)
    {
        // A container that is being created may have read its keys already; its key update runs after that.
        var living = await db
            .Containers.AsNoTracking()
            .Where(c =>
                projects.Contains(c.ProjectId)
                && (c.Status == ResourceStatus.Running || c.Status == ResourceStatus.Provisioning || c.Status == ResourceStatus.Pending)
            )
            .Select(c => new
            {
                c.Id,
                c.ProjectId,
                c.Plugin,
            })
            .ToListAsync(cancel);
        await EnqueueUpdateAsync(
            [.. living.Where(c => plugins.All.Any(p => p.Name == c.Plugin && p is ISetsKeys)).Select(c => (c.ProjectId, c.Id))],
            cancel
        );
    }

    /// <summary>Enqueues key updates in all projects in which the users' keys are installed.</summary>
    public async Task EnqueueUpdatesForUsersAsync(IReadOnlyCollection<Guid> users, CancellationToken cancel)
    {
        var ofMembers = db
            .Members.AsNoTracking()
            .Where(m => users.Contains(m.UserId) && m.Role != ProjectRole.Viewer)
            .Select(m => m.ProjectId);
        var given = db
            .Containers.AsNoTracking()
            .Where(c => users.Contains(c.SshKeysOwnerId!.Value) && c.Status != ResourceStatus.Deleted)
            .Select(c => c.ProjectId);
        await EnqueueUpdatesAsync(await ofMembers.Union(given).ToListAsync(cancel), cancel);
    }

    /// <summary>
    /// Enqueues one key update per container. One that waits already becomes due now and reads what the caller's transaction
    /// saves. The caller saves.
    /// </summary>
    public async Task EnqueueUpdateAsync(IReadOnlyCollection<(Guid Project, Guid Container)> containers, CancellationToken cancel)
    {
        if (containers.Count == 0)
        {
            return;
        }

        var waiting = (await db.BringForwardJobsAsync(SshKeysJob.Kind.Name, [.. containers.Select(c => c.Container)], cancel)).ToHashSet();
        foreach (var (project, container) in containers.Where(c => !waiting.Contains(c.Container)))
        {
            jobs.Enqueue(SshKeysJob.Kind, new JobTarget(project, container));
        }
    }

    internal async Task<IReadOnlyDictionary<Guid, ContainerKeys>> ForContainersAsync(
        IReadOnlyCollection<Container> containers,
        CancellationToken cancel
    )
    {
        var projects = containers.Select(c => c.ProjectId).Distinct().ToList();
        var members = (
            await (
                from m in db.Members.AsNoTracking()
                where projects.Contains(m.ProjectId) && m.Role != ProjectRole.Viewer
                join u in db.Users.AsNoTracking() on m.UserId equals u.Id
                where u.Active
                join k in db.SshKeys.AsNoTracking() on u.Id equals k.UserId
                orderby k.Id
                select new
                {
                    m.ProjectId,
                    k.UserId,
                    k.PublicKey,
                }
            ).ToListAsync(cancel)
        ).ToLookup(k => k.ProjectId);
        var owners = await ValidOwnersAsync(containers, cancel);
        var result = new Dictionary<Guid, ContainerKeys>();
        foreach (var container in containers)
        {
            var given =
                container.SshKeysOwnerId is { } owner && owners.Contains((container.ProjectId, owner))
                    ? container.SshKeys.Select(line => Read(owner, ContainerKey.OfContainer, line))
                    : [];
            var own = await TemplateAsync(container, cancel) is { AcceptsSshKeys: true }
                ? members[container.ProjectId].Select(k => Read(k.UserId, ContainerKey.OfMember, k.PublicKey))
                : [];
            result[container.Id] = ContainerKeys.Of(given.Concat(own).OfType<ContainerKey>());
        }

        return result;
    }

    // The owners of a container's own keys who may still operate it: members, admins, project tokens and the first admin token.
    private async Task<HashSet<(Guid Project, Guid Owner)>> ValidOwnersAsync(
        IReadOnlyCollection<Container> containers,
        CancellationToken cancel
    )
    {
        var now = clock.GetUtcNow();
        var given = containers
            .Where(c => c.SshKeysOwnerId is not null)
            .Select(c => (c.ProjectId, Owner: c.SshKeysOwnerId!.Value))
            .ToHashSet();
        var (projects, owners) = (given.Select(g => g.ProjectId).Distinct().ToList(), given.Select(g => g.Owner).Distinct().ToList());
        if (owners.Count == 0)
        {
            return [];
        }

        var users = await db
            .Users.AsNoTracking()
            .Where(u => owners.Contains(u.Id) && u.Active)
            .Select(u => new { u.Id, IsAdmin = u.PlatformRole == PlatformRole.Admin })
            .ToListAsync(cancel);
        var active = users.Select(u => u.Id).ToHashSet();
        var admins = users.Where(u => u.IsAdmin).Select(u => u.Id).ToHashSet();
        var members = (
            await db
                .Members.AsNoTracking()
                .Where(m => projects.Contains(m.ProjectId) && owners.Contains(m.UserId) && m.Role != ProjectRole.Viewer)
                .Select(m => new { m.ProjectId, m.UserId })
                .ToListAsync(cancel)
        )
            .Select(m => (m.ProjectId, m.UserId))
            .ToHashSet();
        var tokens = (
            await db
                .AccessTokens.AsNoTracking()
                .Where(t =>
                    owners.Contains(t.Id)
                    && t.UserId == null
                    && t.RevokedAt == null
                    && (t.ExpiresAt == null || t.ExpiresAt > now)
                    && t.Scope != TokenScope.Read
                )
                .Select(t => new { t.Id, t.ProjectId })
                .ToListAsync(cancel)
        ).ToDictionary(t => t.Id, t => t.ProjectId);
        return
        [
            .. given.Where(g =>
                admins.Contains(g.Owner)
                || active.Contains(g.Owner) && members.Contains(g)
                || tokens.TryGetValue(g.Owner, out var project) && (project is null || project == g.ProjectId)
            ),
        ];
    }

    // Older keys may have longer comments than now allowed.
    private static ContainerKey? Read(Guid owner, string source, string line) =>
        SshPublicKey.Parse(SshPublicKey.CutComment(line), out _) is { } key ? new ContainerKey(owner, source, key) : null;

    // Queried when the monitor knows none: an unavailable plugin must fail the job instead of omitting the keys of members.
    private async Task<PluginTemplate?> TemplateAsync(Container container, CancellationToken cancel) =>
        plugins.Get(container.Plugin) is IOffersTemplates offers
            ? (await monitor.TemplatesAsync(container.Plugin, cancel) ?? await offers.TemplatesAsync(cancel)).FirstOrDefault(t =>
                t.Name == container.Spec.Template
            )
            : null;
}
