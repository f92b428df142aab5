using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Plugins;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Application.Resources;

/// <summary>The keys that open a project's containers: those that each was asked for with, and those of the active members who may operate them.</summary>
internal sealed class MemberKeys(IWombatDbContext db, PluginRegistry plugins, IPluginMonitor monitor, RequestContext context, TimeProvider clock)
{
    /// <summary>All keys for the container, each once, in a stable order; only its own where the template takes no keys.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(Container container, CancellationToken cancel)
    {
        if (await TemplateAsync(container, cancel) is not { AcceptsSshKeys: true })
        {
            return container.SshKeys;
        }

        var members = await (
            from m in db.Members.AsNoTracking()
            where m.ProjectId == container.ProjectId && m.Role != ProjectRole.Viewer
            join u in db.Users.AsNoTracking() on m.UserId equals u.Id
            where u.Active
            join k in db.SshKeys.AsNoTracking() on u.Id equals k.UserId
            orderby k.Id
            select k.PublicKey).ToListAsync(cancel);
        return [.. container.SshKeys.Concat(members).DistinctBy(Body, StringComparer.Ordinal)];
    }

    /// <summary>Whether the container's keys can be replaced while it runs.</summary>
    public async Task<bool> CanChangeAsync(Container container, CancellationToken cancel) =>
        plugins.Get(container.Plugin) is ISetsKeys && await TemplateAsync(container, cancel) is { ChangesSshKeys: true };

    /// <summary>Has the keys of the projects' living containers brought up to date after the caller's transaction.</summary>
    public async Task ChangedAsync(IReadOnlyCollection<Guid> projects, CancellationToken cancel)
    {
        // What is still being made has perhaps read its keys already; its job for the keys comes after.
        var living = await db.Containers.AsNoTracking()
            .Where(c => projects.Contains(c.ProjectId) && (c.Status == ResourceStatus.Running || c.Status == ResourceStatus.Provisioning || c.Status == ResourceStatus.Pending))
            .Select(c => new { c.Id, c.ProjectId, c.Plugin }).ToListAsync(cancel);
        foreach (var container in living.Where(c => plugins.All.Any(p => p.Name == c.Plugin && p is ISetsKeys)))
        {
            Ask(container.ProjectId, container.Id);
        }
    }

    /// <summary>The same for all projects of which the users are members.</summary>
    public async Task ChangedForAsync(IReadOnlyCollection<Guid> users, CancellationToken cancel) =>
        await ChangedAsync(await db.Members.AsNoTracking().Where(m => users.Contains(m.UserId) && m.Role != ProjectRole.Viewer).Select(m => m.ProjectId).Distinct().ToListAsync(cancel), cancel);

    /// <summary>Has one container's keys brought up to date; the caller saves.</summary>
    public void Ask(Guid project, Guid container) =>
        db.Jobs.Add(Job.Create(ResourceJobKinds.Keys, context.Caller!.Actor, clock.GetUtcNow(), new JobTarget(project, container)));

    // Asked for where the monitor knows none: a plugin that is away must fail the job, not leave the members' keys out.
    private async Task<PluginTemplate?> TemplateAsync(Container container, CancellationToken cancel) =>
        plugins.Get(container.Plugin) is IOffersTemplates offers
            ? (await monitor.TemplatesAsync(container.Plugin, cancel) ?? await offers.TemplatesAsync(cancel)).FirstOrDefault(t => t.Name == container.Template)
            : null;

    // Type and key without the comment.
    private static string Body(string key) => string.Join(' ', key.Split(' ', 3).Take(2));
}
