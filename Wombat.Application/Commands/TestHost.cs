using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>Contacts a host: reads the keys that it shows and, if they are accepted, signs in.</summary>
[RequirePermission(Permission.HostManage)]
public sealed record TestHost(Guid Id) : IRequest<HostTestDto>;

internal sealed class TestHostHandler(SshHosts hosts) : IRequestHandler<TestHost, HostTestDto>
{
    public async Task<HostTestDto> Handle(TestHost request, CancellationToken cancellationToken)
    {
        var host = await hosts.ReadAsync(request.Id, cancellationToken);
        var shown = await hosts.ReadHostKeysAsync(host, cancellationToken);
        var contact = host.IsTrusted ? await hosts.ContactAsync(host, cancellationToken) : Untrusted(host, shown);
        await hosts.RecordAsync(host, contact, cancellationToken);
        return new HostTestDto(contact.State, contact.Problem, [.. shown.Keys.Select(HostKeyDto.Of)]);
    }

    private static SshContact Untrusted(SshHost host, ShownHostKeys shown) =>
        new(
            host.State,
            shown.Failure is { } failure ? failure.Problem
                : host.State == SshHostState.KeyChanged ? SshContact.KeyChanged.Problem
                : "No admin has accepted the host keys yet."
        )
        {
            Jump = shown.Failure?.Jump,
        };
}
