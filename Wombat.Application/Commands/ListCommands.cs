using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Commands, newest first.</summary>
/// <param name="ProjectId">Only those of this project; null for all that the caller can see.</param>
[RequirePermission(Permission.CommandRead)]
public sealed record ListCommands(PageRequest Page, Guid? ProjectId) : IRequest<Page<CommandDto>>, IProjectScoped;

internal sealed class ListCommandsValidator : AbstractValidator<ListCommands>
{
    public ListCommandsValidator() => RuleFor(m => m.Page).ValidPage(SortNames.ByCreatedAt);
}

internal sealed class ListCommandsHandler(IWombatDbContext db, IMapper mapper, ProjectAccessService projectAccess, CommandActions actions)
    : IRequestHandler<ListCommands, Page<CommandDto>>
{
    public async Task<Page<CommandDto>> Handle(ListCommands request, CancellationToken cancellationToken)
    {
        var commands = projectAccess.Accessible(db.Commands, request.ProjectId, Permission.CommandRead);
        var page = await commands.PageByAgeAsync<Command, CommandDto>(
            request.Page,
            "-" + CreatedAtPaging.Sort,
            mapper.Map<CommandDto>,
            c => c.Id,
            cancellationToken
        );
        await actions.ApplyAsync([.. page.Items], cancellationToken);
        return page;
    }
}
