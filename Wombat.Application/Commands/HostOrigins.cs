using Microsoft.EntityFrameworkCore;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>Hosts that are containers, or names of an OpenSSH client configuration.</summary>
internal sealed class HostOrigins(IWombatDbContext db, ISshConfigFile config)
{
    /// <summary>Completes what people say about a host by what is known about its container or its alias now.</summary>
    /// <param name="project">Of the host; null for one of the platform.</param>
    /// <exception cref="InvalidInputException">There is none, or it does not say all that is needed.</exception>
    public async Task<HostFields> CompleteAsync(HostFields fields, Guid? project, CancellationToken cancel) =>
        fields.ContainerId is { } container ? await OfContainerAsync(fields, container, project, cancel)
        : fields.Alias is { } alias ? await OfAliasAsync(fields, alias, project, cancel)
        : fields;

    /// <summary>The address at which a host is reached now. That of a container is stored, too.</summary>
    /// <exception cref="SshHostUnavailableException">Its container is gone, or has no address.</exception>
    public async Task<string> AddressOfAsync(SshHost host, CancellationToken cancel)
    {
        if (host.ContainerId is not { } id)
        {
            return host.Address;
        }

        var container = await FindAsync(id, cancel);
        var address =
            container?.IpAddress
            ?? throw new SshHostUnavailableException(
                new SshContact(
                    SshHostState.Unreachable,
                    container is null ? "Its container was deleted." : $"The container {container.Name} has no address; is it running?"
                )
            );
        if (address != host.Address)
        {
            await db
                .SshHosts.Where(h => h.Id == host.Id && h.ContainerId == id)
                .ExecuteUpdateAsync(h => h.SetProperty(x => x.Address, address), cancel);
        }

        return address;
    }

    private async Task<HostFields> OfContainerAsync(HostFields fields, Guid id, Guid? project, CancellationToken cancel)
    {
        var container = await FindAsync(id, cancel);
        if (container is null || container.ProjectId != project)
        {
            throw new InvalidInputException("container_id", "must be a container of the host's project");
        }

        var user = fields.UserName.Length > 0 ? fields.UserName : container.Facts.GetValueOrDefault(Container.SshUserFact);
        return fields with
        {
            Name = fields.Name.Length > 0 ? fields.Name : container.Name,
            Address = container.IpAddress ?? "",
            UserName = user ?? throw new InvalidInputException("user_name", "is required: the container does not tell its account"),
        };
    }

    private async Task<HostFields> OfAliasAsync(HostFields fields, string alias, Guid? project, CancellationToken cancel)
    {
        var errors = new List<string>();
        var source = SshConfig.Parse(await config.ReadAsync(cancel), errors).Find(alias);
        var draft = source is null ? null : HostDraft.Read(source, errors);
        if (draft is null || errors.Count > 0)
        {
            throw new InvalidInputException("alias", draft is null ? "must be a Host of the file of commands.ssh_config" : errors[0]);
        }

        return draft.Fields with
        {
            Name = fields.Name,
            Labels = fields.Labels,
            JumpHostId = draft.Jump is { } jump ? await JumpOfAsync(jump, project, cancel) : null,
            Alias = alias,
        };
    }

    private async Task<Guid> JumpOfAsync(SshConfigOption option, Guid? project, CancellationToken cancel)
    {
        var found = await db
            .SshHosts.AsNoTracking()
            .Where(h => (h.ProjectId == project || h.ProjectId == null) && (h.Alias == option.Value || h.Name == option.Value))
            .ToListAsync(cancel);
        // A host of the project goes before one of the platform.
        return found.OrderBy(h => h.ProjectId != project).ThenBy(h => h.Alias != option.Value).Select(h => (Guid?)h.Id).FirstOrDefault()
            ?? throw new InvalidInputException(
                "alias",
                $"line {option.Line}: ProxyJump {option.Value} must be the name of a registered host"
            );
    }

    private Task<Container?> FindAsync(Guid id, CancellationToken cancel) =>
        db.Resources.OfType<Container>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.Status != ResourceStatus.Deleted, cancel);
}
