using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Containers;

/// <summary>The named sizes of containers.</summary>
[RequirePermission(Permission.PluginRead)]
public sealed record ListSizes : IRequest<Page<SizeDto>>;

internal sealed class ListSizesHandler(ContainerSizes sizes) : IRequestHandler<ListSizes, Page<SizeDto>>
{
    public Task<Page<SizeDto>> Handle(ListSizes request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<SizeDto>([.. sizes.All.Select(s => new SizeDto(s.Name, s.Cpu, s.Memory, s.Disk))], NextCursor: null));
}
