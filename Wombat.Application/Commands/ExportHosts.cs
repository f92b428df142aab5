using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>Hosts as a YAML document, without what is secret.</summary>
/// <param name="ProjectId">Only those of this project; null for all that the caller can see.</param>
[RequirePermission(Permission.HostRead)]
public sealed record ExportHosts(Guid? ProjectId) : IRequest<string>, IProjectScoped;

internal sealed class ExportHostsHandler(IWombatDbContext db, ProjectAccessService projectAccess) : IRequestHandler<ExportHosts, string>
{
    public async Task<string> Handle(ExportHosts request, CancellationToken cancellationToken)
    {
        var hosts = await projectAccess
            .Accessible(db.SshHosts.AsNoTracking(), request.ProjectId, Permission.HostRead)
            .Include(h => h.JumpHost)
            .OrderBy(h => h.Name)
            .ThenBy(h => h.Id)
            .ToListAsync(cancellationToken);
        var ids = hosts.Select(h => h.ProjectId).OfType<Guid>().Distinct().ToList();
        var projects = await db.Projects.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.UnixName, cancellationToken);
        // A project may have been deleted since with its hosts.
        hosts.RemoveAll(h => h.ProjectId is { } id && !projects.ContainsKey(id));
        return HostDocument.Write(hosts, projects);
    }
}
