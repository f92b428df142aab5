using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

[RequirePermission(Permission.HostRead)]
public sealed record GetHost(Guid Id) : IRequest<HostDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Host;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class GetHostHandler(SshHosts hosts) : IRequestHandler<GetHost, HostDto>
{
    public async Task<HostDto> Handle(GetHost request, CancellationToken cancellationToken) =>
        HostDto.Of(await hosts.ReadAsync(request.Id, cancellationToken));
}
