using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Containers;

/// <summary>Finds the container of a console that is about to be opened, and how to open it.</summary>
[RequirePermission(Permission.ContainerConsole)]
public sealed record OpenConsole(Guid ProjectId, Guid Id, int Rows, int Columns) : IRequest<ConsoleTarget>, IProjectScoped
{
    Guid? IProjectScoped.ProjectId => ProjectId;
}

internal sealed class OpenConsoleValidator : AbstractValidator<OpenConsole>
{
    public OpenConsoleValidator()
    {
        RuleFor(m => m.Rows).InclusiveBetween(ConsoleSize.Min, ConsoleSize.Max).WithMessage(Range);
        RuleFor(m => m.Columns).InclusiveBetween(ConsoleSize.Min, ConsoleSize.Max).WithMessage(Range);
    }

    private static string Range => $"must be from {ConsoleSize.Min} to {ConsoleSize.Max}";
}

internal sealed class OpenConsoleHandler(ContainerAccess access) : IRequestHandler<OpenConsole, ConsoleTarget>
{
    public async Task<ConsoleTarget> Handle(OpenConsole request, CancellationToken cancellationToken)
    {
        var (container, plugin) = await access.FindAsync(
            request.ProjectId,
            request.Id,
            "open a console in",
            ContainerKind.Usable,
            cancellationToken
        );
        return plugin is IOpensConsoles consoles
            ? new ConsoleTarget(container.ProjectId, container.Id, container.Name, container.Reference, consoles)
            : throw new ConflictException(ErrorCode.NotSupported, $"The plugin {plugin.Name} does not support consoles in its containers.");
    }
}
