using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;

namespace Wombat.Application.Commands;

/// <summary>The hosts of a run on several, with the run on each.</summary>
[RequirePermission(Permission.CommandRead)]
public sealed record ListRunHosts(Guid RunId) : IRequest<RunHostsDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Run;

    Guid ICommandScoped.ItemId => RunId;
}

internal sealed class ListRunHostsHandler(IWombatDbContext db, GroupRuns groupRuns, RunActions actions)
    : IRequestHandler<ListRunHosts, RunHostsDto>
{
    public async Task<RunHostsDto> Handle(ListRunHosts request, CancellationToken cancellationToken)
    {
        var run = await db.FindRunAsync(request.RunId, cancellationToken);
        var parts = (await groupRuns.ReadPartsAsync(run, cancellationToken)).ConvertAll(p =>
            (p.Host, Run: p.Part is { } part ? RunDto.Of(part.Run, part.Job) : null)
        );
        await actions.ApplyAsync([.. parts.Select(p => p.Run).OfType<RunDto>()], cancellationToken);
        return new RunHostsDto(parts.ConvertAll(p => new RunHostDto(p.Host.Id, p.Host.Name, p.Run)));
    }
}
