using FluentValidation;
using Wombat.Application.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>Validation rules of a project's fields, shared by create and update.</summary>
internal static class ProjectRules
{
    public static IRuleBuilderOptions<T, string?> ProjectName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotNull()
            .WithMessage("is required")
            .Length(Project.NameMin, Project.NameMax)
            .WithMessage($"must have {Project.NameMin} to {Project.NameMax} characters")
            .Must(name => name is null || name.Trim().Length == name.Length)
            .WithMessage("must not begin or end with white space")
            .PlainText();

    public static IRuleBuilderOptions<T, string?> UnixName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotNull()
            .WithMessage("is required")
            .Length(Project.UnixNameMin, Project.UnixNameMax)
            .WithMessage($"must have {Project.UnixNameMin} to {Project.UnixNameMax} characters")
            .Must(name => name is null || Project.UnixNameRegex().IsMatch(name))
            .WithMessage("must be lower-case words of a-z and 0-9 joined by single hyphens, beginning with a letter");
}

internal sealed class ProjectDetailsValidator : AbstractValidator<ProjectDetails>
{
    public ProjectDetailsValidator()
    {
        RuleFor(d => d.Description)
            .NotNull()
            .WithMessage("must not be null")
            .MaximumLength(Project.DescriptionMax)
            .WithMessage($"must have at most {Project.DescriptionMax} characters")
            .PlainText(multiline: true);

        // IsInEnum would use reflection on each call.
        RuleFor(d => d.Visibility).Must(Enum.IsDefined).WithMessage("must be private, internal or public");
        RuleFor(d => d.Tags)
            .NotNull()
            .WithMessage("must not be null")
            .Must(tags => tags is null || tags.Count <= Project.TagsMax)
            .WithMessage($"must be at most {Project.TagsMax}");
        RuleForEach(d => d.Tags)
            .Must(tag => tag is { Length: > 0 and <= Project.TagMax } && Project.TagRegex().IsMatch(tag))
            .WithMessage($"must be 1 to {Project.TagMax} of a-z, 0-9 and . _ : / -, beginning and ending with a letter or digit");
        RuleFor(d => d.JobRetentionDays)
            .InclusiveBetween(1, Project.JobRetentionDaysMax)
            .WithMessage($"must be from 1 to {Project.JobRetentionDaysMax}");
        RuleFor(d => d.JobLogsMaxMib).InclusiveBetween(1, Project.JobLogsMibMax).WithMessage($"must be from 1 to {Project.JobLogsMibMax}");
    }
}
