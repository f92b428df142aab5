using FluentValidation;

namespace Wombat.Application.Commands;

/// <summary>What is imported, and where to.</summary>
/// <param name="ProjectId">Null for the commands of the platform.</param>
/// <param name="Document">The commands in YAML.</param>
/// <param name="RemoveMissing">Whether commands of the project that the document does not have are deleted.</param>
public sealed record CommandImportSource(Guid? ProjectId, string Document, bool RemoveMissing)
{
    /// <summary>The most characters of a document.</summary>
    public const int DocumentMax = 1024 * 1024;
}

internal sealed class CommandImportSourceValidator : AbstractValidator<CommandImportSource>
{
    public CommandImportSourceValidator() =>
        RuleFor(s => s.Document)
            .NotEmpty()
            .WithMessage("is required")
            .MaximumLength(CommandImportSource.DocumentMax)
            .WithMessage($"must have at most {CommandImportSource.DocumentMax} characters");
}
