using MediatR;
using Wombat.Application.Access;
using Wombat.Domain.Access;

namespace Wombat.Application.Changes;

/// <summary>Selects from changes that were read once for all streams those that the caller may know of.</summary>
/// <param name="Position">The position of changes without an event.</param>
[RequirePermission(Permission.ChangeRead)]
public sealed record SelectChanges(ChangeBatch Batch, long Position) : IRequest<IReadOnlyList<ChangeDto>>;

internal sealed class SelectChangesHandler(RequestContext context, ChangeReader reader, TimeProvider clock)
    : IRequestHandler<SelectChanges, IReadOnlyList<ChangeDto>>
{
    public async Task<IReadOnlyList<ChangeDto>> Handle(SelectChanges request, CancellationToken cancellationToken)
    {
        var (batch, caller) = (request.Batch, context.Caller!);
        if (batch.Changes.Count > 0 && !IsReadFor(batch, caller))
        {
            batch = await reader.ReadAsync(batch.Changes, ReadChanges.UsersOf(caller), cancellationToken);
        }

        return batch.For(caller, request.Position);
    }

    // A slow stream selects from old batches, and a new one from a batch that was read before it was open.
    private bool IsReadFor(ChangeBatch batch, Caller caller) =>
        caller.HasFullAccess
        || clock.GetElapsedTime(batch.ReadAt) < AccessCache.Trust && (caller.UserId is not { } user || batch.Users.Contains(user));
}
