using AutoMapper;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

[RequirePermission(Permission.CommandRead)]
public sealed record GetCommand(Guid Id) : IRequest<CommandDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Command;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class GetCommandHandler(IWombatDbContext db, IMapper mapper, CommandActions actions)
    : IRequestHandler<GetCommand, CommandDto>
{
    public async Task<CommandDto> Handle(GetCommand request, CancellationToken cancellationToken) =>
        actions.Apply(mapper.Map<CommandDto>(await db.FindCommandAsync(request.Id, cancellationToken)));
}
