using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>The hosts on which a command may run now.</summary>
[RequirePermission(Permission.HostRead)]
public sealed record ListCommandHosts(Guid CommandId) : IRequest<CommandHostsDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => CommandId;
}

internal sealed class ListCommandHostsHandler(IWombatDbContext db, SshHosts hosts) : IRequestHandler<ListCommandHosts, CommandHostsDto>
{
    public async Task<CommandHostsDto> Handle(ListCommandHosts request, CancellationToken cancellationToken)
    {
        var command = await db.FindCommandAsync(request.CommandId, cancellationToken);
        return new CommandHostsDto((await hosts.OfAsync(command.Spec, command.ProjectId, cancellationToken)).ConvertAll(HostDto.Of));
    }
}
