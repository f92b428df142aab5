using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Which hosts may be the jump hosts of others: a connection goes through one at most.</summary>
internal sealed class JumpHosts(IWombatDbContext db)
{
    private const int NamedMax = 10;

    /// <summary>Checks and locks the jump host of a host. The caller has locked the host if it is stored.</summary>
    /// <exception cref="InvalidInputException">It may not be its jump host.</exception>
    public async Task EnsureAsync(SshHost host, Guid? jumpHost, CancellationToken cancel)
    {
        if (jumpHost is not { } id)
        {
            return;
        }

        var jump = id == host.Id ? host : await db.LockSshHostAsync(id, exclusive: false, cancel);
        var problem =
            jump is null || jump.ProjectId is not null && jump.ProjectId != host.ProjectId
                ? "must be a host of the same project or the platform"
            : jump == host ? "must be another host"
            : jump.JumpHostId is not null ? $"must be a host without a jump host; {jump.Name} has one"
            : await UsersOfAsync(host.Id, cancel) is { } users ? $"must be absent: {users} use this host as their jump host"
            : null;
        if (problem is not null)
        {
            throw new InvalidInputException("jump_host_id", problem);
        }
    }

    /// <summary>The names of the hosts whose jump host it is; null for none.</summary>
    public async Task<string?> UsersOfAsync(Guid host, CancellationToken cancel)
    {
        var names = await db
            .SshHosts.Where(h => h.JumpHostId == host)
            .OrderBy(h => h.Name)
            .Select(h => h.Name)
            .Take(NamedMax + 1)
            .ToListAsync(cancel);
        var named = string.Join(", ", names.Take(NamedMax));
        return names.Count == 0 ? null
            : names.Count > NamedMax ? $"{named} and others"
            : named;
    }
}
