using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Plugins;

/// <summary>The templates of all plugin instances, as the plugin monitor knows them.</summary>
[RequirePermission(Permission.PluginRead)]
public sealed record ListTemplates : IRequest<Page<TemplateDto>>;

internal sealed class ListTemplatesHandler(IPluginMonitor monitor) : IRequestHandler<ListTemplates, Page<TemplateDto>>
{
    public Task<Page<TemplateDto>> Handle(ListTemplates request, CancellationToken cancellationToken) =>
        Task.FromResult(
            new Page<TemplateDto>(
                [.. monitor.Reports.SelectMany(r => (r.Templates ?? []).Select(t => TemplateDto.Of(r.Instance.Name, t)))],
                NextCursor: null
            )
        );
}
