using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Settings;

/// <summary>The settings in effect of the process that answers.</summary>
[RequirePermission(Permission.SettingsRead)]
public sealed record ListSettings : IRequest<Page<SettingDto>>;

internal sealed class ListSettingsHandler(ISettingsInEffect settings) : IRequestHandler<ListSettings, Page<SettingDto>>
{
    public Task<Page<SettingDto>> Handle(ListSettings request, CancellationToken cancellationToken) =>
        Task.FromResult(new Page<SettingDto>(settings.All, null));
}
