using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

[RequirePermission(Permission.CommandRead)]
public sealed record GetRun(Guid Id) : IRequest<RunDto>, ICommandScoped
{
    CommandNoun ICommandScoped.Noun => CommandNoun.Run;

    Guid ICommandScoped.ItemId => Id;
}

internal sealed class GetRunHandler(IWombatDbContext db, RunActions actions) : IRequestHandler<GetRun, RunDto>
{
    public async Task<RunDto> Handle(GetRun request, CancellationToken cancellationToken)
    {
        var row =
            await db
                .Runs.AsNoTracking()
                .Where(r => r.Id == request.Id)
                .Join(db.Jobs, r => r.Id, j => j.Id, (r, j) => new RunWithJob { Run = r, Job = j })
                .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("run");
        return actions.Apply(RunDto.Of(row.Run, row.Job));
    }
}
